import type { ReactNode } from "react";
import { RelativeTime } from "./cells.tsx";
import { RowLink } from "./row-link.tsx";
import styles from "./row-parts.module.css";

/** What a row is called, as its link, and a second line about it. */
export function RowTitle({ href, title, detail }: { href: string; title: string; detail?: string | null }) {
  return (
    <div className={styles["title"]}>
      <RowLink href={href}>{title}</RowLink>
      {detail !== undefined && <small>{detail ?? " "}</small>}
    </div>
  );
}

interface PhoneRowProps {
  title: ReactNode;
  facts: ReactNode;
  timeMs: number;
  nowMs: number;
}

/** A row of a phone: the title over all of it, a few facts and the time below. */
export function PhoneRow({ title, facts, timeMs, nowMs }: PhoneRowProps) {
  return (
    <div role="cell" className={styles["phone"]}>
      {title}
      <div className={styles["facts"]}>{facts}</div>
      <RelativeTime timeMs={timeMs} nowMs={nowMs} />
    </div>
  );
}
