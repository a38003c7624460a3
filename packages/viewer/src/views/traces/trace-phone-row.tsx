import type { TraceSummary } from "../../api/types.ts";
import { RelativeTime } from "../../table/cells.tsx";
import { Cost, Tokens, TraceDuration, TraceName } from "./trace-columns.tsx";
import styles from "./trace-columns.module.css";

export function TracePhoneRow({ project, trace, nowMs }: { project: string; trace: TraceSummary; nowMs: number }) {
  return (
    <div role="cell" className={styles["phone"]}>
      <TraceName project={project} trace={trace} />
      <div className={styles["facts"]}>
        <TraceDuration trace={trace} />
        <Tokens trace={trace} />
        <Cost trace={trace} />
      </div>
      <RelativeTime timeMs={trace.startTime} nowMs={nowMs} />
    </div>
  );
}
