import type { ReactNode } from "react";
import styles from "./settings.module.css";

interface SettingsTableProps {
  label: string;
  caption?: string;
  /** Headings; `isNumber` puts them to the right. The last column, for buttons, has a name that is not shown. */
  heads: readonly { text: string; isNumber?: boolean; isHidden?: boolean }[];
  children: ReactNode;
}

/** Rows of a settings page. Focusable, as it scrolls sideways on a small screen. */
export function SettingsTable({ label, caption, heads, children }: SettingsTableProps) {
  return (
    <div className={styles["scroll"]} tabIndex={0} role="group" aria-label={label}>
      <table className={styles["table"]}>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {heads.map(({ text, isNumber, isHidden }) => (
              <th key={text} scope="col" data-number={isNumber === true || undefined}>
                {isHidden === true ? <span className="sr-only">{text}</span> : text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
