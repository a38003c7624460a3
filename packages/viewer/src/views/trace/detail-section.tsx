import type { ReactNode } from "react";
import styles from "./detail-pane.module.css";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles["section"]}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
