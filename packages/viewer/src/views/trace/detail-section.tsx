import type { ReactNode } from "react";
import styles from "./detail-pane.module.css";

interface SectionProps {
  title: string;
  /** True when the SDK cut the value before it was sent. */
  isCut?: boolean;
  /** True when the viewer left parts out of a large value; its JSON has them. */
  isShortened?: boolean;
  children: ReactNode;
}

export function Section({ title, isCut = false, isShortened = false, children }: SectionProps) {
  return (
    <section className={styles["section"]}>
      <h3>{title}</h3>
      {isCut && (
        <p className={styles["cut"]} role="note">
          Not complete: the value was above the SDK's limit (<code>maxValueBytes</code>) and was cut before it was sent.
          What is missing is marked in it, with its size.
        </p>
      )}
      {isShortened && (
        <p className={styles["cut"]} role="note">
          A large value: its longest texts and lists are shortened here. The JSON tab has all of it.
        </p>
      )}
      {children}
    </section>
  );
}
