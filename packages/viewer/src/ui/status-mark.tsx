import type { ReactNode } from "react";
import type { ObservationStatus } from "../api/types.ts";
import { statusStyle, type StatusStyle } from "../model/status.ts";
import styles from "./status-mark.module.css";

const SHAPES: Record<StatusStyle["shape"], ReactNode> = {
  dot: <circle cx="7" cy="7" r="3" fill="currentColor" />,
  ring: (
    <>
      <circle cx="7" cy="7" r="4.5" stroke="currentColor" strokeWidth="1.8" opacity="0.25" fill="none" />
      <path
        d="M7 2.500a4.5 4.5 0 0 1 4.5 4.5"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        fill="none"
      />
    </>
  ),
  cross: (
    <>
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path d="m5 5 4 4m0-4-4 4" stroke="var(--bg)" strokeWidth="1.6" strokeLinecap="round" />
    </>
  ),
  slash: (
    <>
      <circle cx="7" cy="7" r="4.5" stroke="currentColor" strokeWidth="1.6" fill="none" />
      <path d="m4 10 6-6" stroke="currentColor" strokeWidth="1.6" />
    </>
  ),
  pause: <path d="M5.5 4v6m3-6v6" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
  dash: <circle cx="7" cy="7" r="4.5" stroke="currentColor" strokeWidth="1.6" strokeDasharray="2.5 2.2" fill="none" />,
};

/** Shape, colour and, for screen readers, the word. */
export function StatusMark({ status }: { status: ObservationStatus }) {
  const { shape, color, label } = statusStyle(status);
  return (
    <span
      className={`${styles["mark"]} ${shape === "ring" ? styles["running"] : ""}`}
      style={{ "--status": color }}
      title={label}
    >
      <svg width="14" height="14" viewBox="0 0 14 14" fill="none" aria-hidden="true">
        {SHAPES[shape]}
      </svg>
      <span className="sr-only">{label}</span>
    </span>
  );
}
