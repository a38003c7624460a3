import type { ObservationListRow } from "../../api/types.ts";
import { formatDuration } from "../../model/format.ts";
import { readablePreview } from "../../model/preview.ts";
import { ownUsage } from "../../model/usage.ts";
import { tracePath } from "../../routes.ts";
import { Muted } from "../../table/cells.tsx";
import { RowLink } from "../../table/row-link.tsx";
import { Elapsed } from "../../ui/elapsed.tsx";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { Cost, Tokens } from "../traces/trace-columns.tsx";
import traces from "../traces/trace-columns.module.css";
import styles from "./observation-cells.module.css";

type Row = ObservationListRow;

export function observationHref({ projectId, traceId, id }: Pick<Row, "projectId" | "traceId" | "id">): string {
  return tracePath(projectId, traceId, id);
}

export function ObservationName({ row }: { row: Row }) {
  const preview =
    row.status === "error" && row.statusMessage !== null
      ? row.statusMessage
      : (readablePreview(row.inputPreview) ?? readablePreview(row.outputPreview));
  return (
    <div className={traces["name"]}>
      <KindIcon type={row.type} />
      <div className={traces["title"]}>
        <RowLink href={observationHref(row)}>{row.name || row.type}</RowLink>
        {row.status !== "ok" && <StatusMark status={row.status} />}
      </div>
      <div className={`${traces["preview"]} ${styles["text"]}`} data-error={row.status === "error" || undefined}>
        {preview ?? row.type}
      </div>
    </div>
  );
}

export function ObservationDuration({ row }: { row: Row }) {
  if (row.status === "running") return <Elapsed sinceMs={row.startTime} />;
  return <>{formatDuration(row.durationMs)}</>;
}

export function FirstToken({ row }: { row: Row }) {
  const { completionStartTime, startTime } = row;
  if (completionStartTime === null) return <Muted>–</Muted>;
  return <>{formatDuration(Math.max(0, completionStartTime - startTime))}</>;
}

export function ObservationTokens({ row }: { row: Row }) {
  return <Tokens trace={ownUsage(row)} />;
}

export function ObservationCost({ row }: { row: Row }) {
  return <Cost trace={ownUsage(row)} />;
}
