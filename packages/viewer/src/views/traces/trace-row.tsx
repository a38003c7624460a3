import { useEffect, useRef } from "react";
import { Link } from "wouter";
import type { TraceSummary } from "../../api/types.ts";
import {
  formatAbsolute,
  formatCount,
  formatDuration,
  formatElapsed,
  formatExact,
  formatRelative,
  formatTotalCost,
} from "../../model/format.ts";
import { readablePreview } from "../../model/preview.ts";
import { tracePath } from "../../routes.ts";
import { StatusMark } from "../../ui/status-mark.tsx";
import { TraceChips } from "./trace-chips.tsx";
import styles from "./trace-table.module.css";

/** How long after its start a row that appears counts as new and lights up. */
const FRESH_MS = 4_000;

interface TraceRowProps {
  project: string;
  trace: TraceSummary;
  nowMs: number;
  slowestMs: number;
  /** Room for the chips; 0 where their column is hidden. */
  chipsPx: number;
  top: number;
  height: number;
  rowIndex: number;
  isSelected: boolean;
}

export function TraceRow(props: TraceRowProps) {
  const { project, trace, nowMs, slowestMs, chipsPx, top, height, rowIndex, isSelected } = props;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isSelected) link.current?.focus({ preventScroll: true });
  }, [isSelected]);
  const preview = readablePreview(trace.inputPreview) ?? readablePreview(trace.outputPreview);
  return (
    <div
      role="row"
      aria-rowindex={rowIndex}
      aria-current={isSelected || undefined}
      data-selected={isSelected || undefined}
      className={`${styles["row"]} ${nowMs - trace.startTime < FRESH_MS ? styles["fresh"] : ""}`}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <span role="cell" className={styles["status"]}>
        <StatusMark status={trace.status} />
      </span>
      <div role="cell" className={styles["name"]}>
        <div className={styles["title"]}>
          <Link ref={link} href={tracePath(project, trace.traceId)} tabIndex={0}>
            {trace.name || "unnamed trace"}
          </Link>
          {trace.errorCount > 0 && (
            <span className={styles["errors"]}>
              {trace.errorCount} {trace.errorCount === 1 ? "error" : "errors"}
            </span>
          )}
        </div>
        <div className={styles["preview"]}>{preview ?? `${trace.observationCount} observations`}</div>
      </div>
      <time
        role="cell"
        className={`${styles["quiet"]} ${styles["started"]}`}
        dateTime={new Date(trace.startTime).toISOString()}
        title={formatAbsolute(trace.startTime)}
      >
        {formatRelative(trace.startTime, nowMs)}
      </time>
      <Duration trace={trace} nowMs={nowMs} slowestMs={slowestMs} />
      <span
        role="cell"
        className={`${styles["number"]} ${styles["tokens"]}`}
        title={trace.totalTokens === null ? "No usage reported" : `${formatExact(trace.totalTokens)} tokens in total`}
      >
        {trace.totalTokens === null ? (
          <span className={styles["quiet"]}>–</span>
        ) : (
          <>
            {formatCount(trace.inputTokens)}
            <span className={styles["arrow"]}> → </span>
            {formatCount(trace.outputTokens)}
          </>
        )}
      </span>
      <span
        role="cell"
        className={`${trace.cost === null ? styles["quiet"] : ""} ${styles["number"]} ${styles["cost"]}`}
        title={trace.costIncomplete ? "Some usage has no known price: this is a lower bound" : undefined}
      >
        {trace.totalTokens === null && trace.cost === null ? "–" : formatTotalCost(trace)}
      </span>
      <span role="cell" className={`${styles["models"]} ${styles["model"]}`} title={trace.models.join("\n")}>
        {mainModel(trace.models)}
        {trace.models.length > 1 && <span className={styles["quiet"]}> +{trace.models.length - 1}</span>}
      </span>
      <TraceChips trace={trace} widthPx={chipsPx} />
    </div>
  );
}

/** The first model that is not an embedding model: those are rarely what one looks for. */
function mainModel(models: readonly string[]): string {
  return models.find((model) => !model.includes("embed")) ?? models[0] ?? "";
}

function Duration({ trace, nowMs, slowestMs }: { trace: TraceSummary; nowMs: number; slowestMs: number }) {
  const isRunning = trace.status === "running";
  const elapsedMs = isRunning ? Math.max(0, nowMs - trace.startTime) : (trace.durationMs ?? 0);
  // By the root, so that one trace of minutes does not make all others look alike.
  const share = slowestMs <= 0 ? 1 : Math.sqrt(Math.min(1, elapsedMs / slowestMs));
  return (
    <div role="cell" className={styles["duration"]}>
      <span className={`${styles["number"]} ${isRunning ? styles["running"] : ""}`}>
        {isRunning ? formatElapsed(elapsedMs) : formatDuration(trace.durationMs)}
      </span>
      <span className={styles["track"]} data-running={isRunning || undefined}>
        <i style={{ width: `${Math.max(2, share * 100)}%` }} />
      </span>
    </div>
  );
}
