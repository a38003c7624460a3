import type { ReactNode } from "react";
import styles from "./notice.module.css";

interface NoticeProps {
  title: string;
  /** Of its heading; above 1 where the page has one already. */
  level?: 1 | 2 | 3;
  children?: ReactNode;
  actions?: ReactNode;
}

/** A page's or a pane's only content: what is the matter, and what to do. */
export function Notice({ title, level = 1, children, actions }: NoticeProps) {
  const Heading = `h${level}` as const;
  return (
    <div className={styles["notice"]} role="status">
      <Heading>{title}</Heading>
      {children}
      {actions !== undefined && <div className={styles["actions"]}>{actions}</div>}
    </div>
  );
}
