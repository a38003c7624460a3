import type { ReactNode } from "react";
import { Link } from "wouter";
import { formatAbsolute, formatRelative } from "../model/format.ts";
import styles from "./cells.module.css";

export function Muted({ children, title }: { children: ReactNode; title?: string }) {
  return (
    <span className={styles["muted"]} title={title}>
      {children}
    </span>
  );
}

export function RelativeTime({ timeMs, nowMs }: { timeMs: number; nowMs: number }) {
  return (
    <time className={styles["muted"]} dateTime={new Date(timeMs).toISOString()} title={formatAbsolute(timeMs)}>
      {formatRelative(timeMs, nowMs)}
    </time>
  );
}

/** A link inside a row that leads elsewhere than the row itself. */
export function OpenLink({ href, children }: { href: string; children: string }) {
  return (
    <Link href={href} className={styles["link"]} title={children}>
      {children}
    </Link>
  );
}
