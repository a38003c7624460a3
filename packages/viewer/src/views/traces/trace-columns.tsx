import type { TraceSummary } from "../../api/types.ts";
import { formatCount, formatDuration, formatExact, formatTotalCost } from "../../model/format.ts";
import { readablePreview } from "../../model/preview.ts";
import { sessionPath, tracePath, tracesPath } from "../../routes.ts";
import { clauseText } from "../../query/clauses.ts";
import { type Column, column } from "../../table/columns.ts";
import { Muted, OpenLink, RelativeTime } from "../../table/cells.tsx";
import { RowLink } from "../../table/row-link.tsx";
import { Elapsed } from "../../ui/elapsed.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { TraceChips } from "./trace-chips.tsx";
import styles from "./trace-columns.module.css";

/** All columns of the trace list, in their order. */
export function traceColumns(project: string): Column<TraceSummary>[] {
  return [
    column({
      id: "trace",
      label: "Trace",
      width: 220,
      grow: 2.4,
      priority: Number.POSITIVE_INFINITY,
      isFixed: true,
      sort: "name",
      cell: (trace) => <TraceName project={project} trace={trace} />,
    }),
    column({
      id: "start",
      label: "Started",
      width: 72,
      priority: 8,
      sort: "start",
      cell: (trace, { nowMs }) => <RelativeTime timeMs={trace.startTime} nowMs={nowMs} />,
    }),
    column({
      id: "duration",
      label: "Duration",
      width: 78,
      align: "end",
      priority: 10,
      sort: "duration",
      cell: (trace) => <TraceDuration trace={trace} />,
    }),
    column({
      id: "tokens",
      label: "Tokens",
      width: 104,
      align: "end",
      priority: 6,
      sort: "tokens",
      cell: (trace) => <Tokens trace={trace} />,
    }),
    column({
      id: "cost",
      label: "Cost",
      width: 80,
      align: "end",
      priority: 9,
      sort: "cost",
      cell: (trace) => <Cost trace={trace} />,
    }),
    column({
      id: "model",
      label: "Model",
      width: 140,
      grow: 0.5,
      priority: 5,
      cell: ({ models }) => (
        <span className={styles["model"]} title={models.join("\n")}>
          {mainModel(models)}
          {models.length > 1 && <Muted> +{models.length - 1}</Muted>}
        </span>
      ),
    }),
    column({
      id: "context",
      label: "User, scores, tags",
      width: 210,
      grow: 1,
      priority: 3,
      cell: (trace, { widthPx }) => <TraceChips trace={trace} widthPx={widthPx} />,
    }),
    column({
      id: "output",
      label: "Output",
      width: 200,
      grow: 1.4,
      priority: 2,
      isDefault: false,
      cell: ({ outputPreview }) => <Muted title={outputPreview ?? ""}>{readablePreview(outputPreview) ?? "–"}</Muted>,
    }),
    column({
      id: "observations",
      label: "Observations",
      width: 96,
      align: "end",
      isDefault: false,
      sort: "observations",
      cell: ({ observationCount }) => formatExact(observationCount),
    }),
    column({
      id: "errors",
      label: "Errors",
      width: 64,
      align: "end",
      isDefault: false,
      sort: "errors",
      cell: ({ errorCount }) => (errorCount === 0 ? <Muted>–</Muted> : formatExact(errorCount)),
    }),
    column({
      id: "user",
      label: "User",
      width: 120,
      isDefault: false,
      cell: ({ userId }) =>
        userId === null ? (
          <Muted>–</Muted>
        ) : (
          <OpenLink href={tracesPath(project, { q: clauseText("user", [userId]) })}>{userId}</OpenLink>
        ),
    }),
    column({
      id: "session",
      label: "Session",
      width: 120,
      isDefault: false,
      cell: ({ sessionId }) =>
        sessionId === null ? <Muted>–</Muted> : <OpenLink href={sessionPath(project, sessionId)}>{sessionId}</OpenLink>,
    }),
    column({
      id: "environment",
      label: "Environment",
      width: 100,
      isDefault: false,
      cell: ({ environment }) => environment,
    }),
    column({
      id: "release",
      label: "Release",
      width: 90,
      isDefault: false,
      cell: ({ release }) => release ?? <Muted>–</Muted>,
    }),
    column({
      id: "id",
      label: "Id",
      width: 240,
      isDefault: false,
      cell: ({ traceId }) => <Muted>{traceId}</Muted>,
    }),
  ];
}

export function TraceName({ project, trace }: { project: string; trace: TraceSummary }) {
  const preview = readablePreview(trace.inputPreview) ?? readablePreview(trace.outputPreview);
  return (
    <div className={styles["name"]}>
      <StatusMark status={trace.status} />
      <div className={styles["title"]}>
        <RowLink href={tracePath(project, trace.traceId)}>{trace.name || "unnamed trace"}</RowLink>
        {trace.errorCount > 0 && (
          <span className={styles["errors"]}>
            {trace.errorCount} {trace.errorCount === 1 ? "error" : "errors"}
          </span>
        )}
      </div>
      <div className={styles["preview"]}>{preview ?? `${formatExact(trace.observationCount)} observations`}</div>
    </div>
  );
}

export function TraceDuration({ trace }: { trace: TraceSummary }) {
  return trace.status === "running" ? (
    <Elapsed sinceMs={trace.startTime} />
  ) : (
    <span className={styles["number"]}>{formatDuration(trace.durationMs)}</span>
  );
}

export function Tokens({ trace }: { trace: Pick<TraceSummary, "totalTokens" | "inputTokens" | "outputTokens"> }) {
  if (trace.totalTokens === null) return <Muted title="No usage reported">–</Muted>;
  return (
    <span title={`${formatExact(trace.totalTokens)} tokens in total`}>
      {formatCount(trace.inputTokens)}
      <span className={styles["arrow"]}> → </span>
      {formatCount(trace.outputTokens)}
    </span>
  );
}

export function Cost({ trace }: { trace: Pick<TraceSummary, "totalTokens" | "cost" | "costIncomplete"> }) {
  if (trace.totalTokens === null && trace.cost === null) return <Muted>–</Muted>;
  if (trace.cost === null) return <Muted title="No price is known for what was used">no price</Muted>;
  return (
    <span title={trace.costIncomplete ? "Some usage has no known price: this is a lower bound" : undefined}>
      {formatTotalCost(trace)}
    </span>
  );
}

/** The first model that is not an embedding model: those are rarely what one looks for. */
function mainModel(models: readonly string[]): string {
  return models.find((model) => !model.includes("embed")) ?? models[0] ?? "";
}
