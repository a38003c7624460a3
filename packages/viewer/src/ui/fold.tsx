import { type ReactNode, useState } from "react";
import styles from "./fold.module.css";
import { Icon } from "./icons.tsx";

interface FoldProps {
  title: ReactNode;
  hint?: string;
  isOpen?: boolean;
  /** Rendered only while open: what is folded is often large. */
  children: () => ReactNode;
}

export function Fold({ title, hint, isOpen = false, children }: FoldProps) {
  const [open, setOpen] = useState(isOpen);
  return (
    <details className={styles["fold"]} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="caret" size={12} />
        <span className={styles["title"]}>{title}</span>
        {hint !== undefined && <span className={styles["hint"]}>{hint}</span>}
      </summary>
      {open && children()}
    </details>
  );
}
