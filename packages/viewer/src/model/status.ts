import type { ObservationStatus } from "../api/types.ts";

export interface StatusStyle {
  label: string;
  /** Which shape stands for it: a status is never told by colour alone. */
  shape: "ring" | "dot" | "cross" | "slash" | "pause" | "dash";
  /** CSS custom property of its colour. */
  color: string;
}

const STATUS: Record<ObservationStatus, StatusStyle> = {
  running: { label: "running", shape: "ring", color: "var(--running)" },
  ok: { label: "ok", shape: "dot", color: "var(--ok)" },
  error: { label: "error", shape: "cross", color: "var(--error)" },
  cancelled: { label: "cancelled", shape: "slash", color: "var(--warn)" },
  interrupted: { label: "interrupted", shape: "pause", color: "var(--fg-faint)" },
  incomplete: { label: "incomplete", shape: "dash", color: "var(--warn)" },
};

const UNKNOWN: StatusStyle = { label: "unknown", shape: "dash", color: "var(--fg-faint)" };

/** A newer server may know more statuses than this viewer. */
export function statusStyle(status: ObservationStatus | (string & {})): StatusStyle {
  const known: Partial<Record<string, StatusStyle>> = STATUS;
  return known[status] ?? UNKNOWN;
}
