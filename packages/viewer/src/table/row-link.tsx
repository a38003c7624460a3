import type { ReactNode } from "react";
import { Link } from "wouter";
import { visibleText } from "../model/visible-text.ts";
import styles from "./data-table.module.css";

/** The row's own link: its whole line is the target, so that a click, a middle click and Enter do what they do on links. */
export function RowLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className={styles["link"]}>
      {typeof children === "string" ? visibleText(children) : children}
    </Link>
  );
}
