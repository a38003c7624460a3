import type { ReactNode } from "react";
import styles from "./notice.module.css";

/** A page's or a pane's only content: what is the matter, and what to do. */
export function Notice({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className={styles["notice"]} role="status">
      <h2>{title}</h2>
      {children}
      {actions !== undefined && <div className={styles["actions"]}>{actions}</div>}
    </div>
  );
}
