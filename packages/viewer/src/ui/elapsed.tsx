import { formatElapsed } from "../model/format.ts";
import styles from "./elapsed.module.css";
import { useNow } from "./use-now.ts";

/** A tenth of a second is the smallest step that is shown. */
const TICK_MS = 100;

/** How long something has been running, ticking. */
export function Elapsed({ sinceMs }: { sinceMs: number }) {
  const nowMs = useNow(TICK_MS);
  return <span className={styles["elapsed"]}>{formatElapsed(nowMs - sinceMs)}</span>;
}
