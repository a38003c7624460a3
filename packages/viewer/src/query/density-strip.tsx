import { type PointerEvent, useMemo, useRef, useState } from "react";
import type { Target } from "../api/client.ts";
import { useDensity } from "../api/use-density.ts";
import type { FacetSelection } from "../api/use-query-language.ts";
import { brushedRange, layoutDensity } from "../model/density.ts";
import { formatCost, formatDuration, formatExact, formatLocal } from "../model/format.ts";
import styles from "./density-strip.module.css";

interface DensityStripProps {
  target: Target;
  selection: FacetSelection;
  onRange: (range: { from: number; to: number }) => void;
  /** The slowest and the dearest open by a click. */
  onOutlier: (traceId: string, observationId: string | null) => void;
}

/** When how much happened, how much of it failed, and the outliers in time and money. Dragging over it selects a range. */
export function DensityStrip({ target, selection, onRange, onOutlier }: DensityStripProps) {
  const { data } = useDensity(target, selection);
  const plot = useRef<HTMLDivElement>(null);
  const [brush, setBrush] = useState<{ from: number; to: number } | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const layout = useMemo(() => (data === undefined ? null : layoutDensity(data)), [data]);
  const shareAt = (event: PointerEvent): number => {
    const box = plot.current?.getBoundingClientRect();
    return box === undefined || box.width === 0 ? 0 : (event.clientX - box.left) / box.width;
  };
  const bucket = hovered === null ? undefined : data?.buckets[hovered];
  return (
    <div className={styles["strip"]}>
      <div
        ref={plot}
        className={styles["plot"]}
        onPointerDown={(event) => {
          if (event.button !== 0 || (event.target instanceof Element && event.target.closest("button") !== null))
            return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const at = shareAt(event);
          setBrush({ from: at, to: at });
        }}
        onPointerMove={(event) => {
          const at = shareAt(event);
          if (brush !== null) setBrush({ from: brush.from, to: at });
          const count = data?.buckets.length ?? 0;
          setHovered(at >= 0 && at < 1 ? Math.floor(at * count) : null);
        }}
        onPointerLeave={() => setHovered(null)}
        onPointerCancel={() => setBrush(null)}
        onPointerUp={() => {
          const range = brush === null || data === undefined ? null : brushedRange(data, brush.from, brush.to);
          setBrush(null);
          if (range !== null) onRange(range);
        }}
      >
        <svg
          className={styles["bars"]}
          viewBox="0 0 1 1"
          preserveAspectRatio="none"
          role="img"
          aria-label={summary(data)}
        >
          {layout?.bars.map((bar) => (
            <g key={bar.index} data-hovered={bar.index === hovered || undefined}>
              <rect x={bar.left + bar.width * 0.12} y={1 - bar.height} width={bar.width * 0.76} height={bar.height} />
              {bar.errorHeight > 0 && (
                <rect
                  className={styles["errors"]}
                  x={bar.left + bar.width * 0.12}
                  y={1 - bar.errorHeight}
                  width={bar.width * 0.76}
                  height={bar.errorHeight}
                />
              )}
            </g>
          ))}
        </svg>
        {layout?.marks.map((mark) => (
          <button
            key={`${mark.kind} ${mark.traceId} ${mark.observationId ?? ""}`}
            type="button"
            className={styles["mark"]}
            data-kind={mark.kind}
            style={{ left: `${mark.left * 100}%` }}
            title={markTitle(mark)}
            aria-label={markTitle(mark)}
            onClick={() => onOutlier(mark.traceId, mark.observationId)}
          />
        ))}
        {brush !== null && (
          <span
            className={styles["brush"]}
            style={{
              left: `${Math.min(brush.from, brush.to) * 100}%`,
              width: `${Math.abs(brush.to - brush.from) * 100}%`,
            }}
          />
        )}
        {bucket !== undefined && data !== undefined && hovered !== null && brush === null && (
          <span className={styles["tip"]} style={{ left: `${((hovered + 0.5) / data.buckets.length) * 100}%` }}>
            {formatLocal(data.from + hovered * data.bucketMs).slice(5, 16)}
            {" · "}
            {formatExact(bucket.count)}
            {bucket.errors > 0 && <b> · {bucket.errors} failed</b>}
            {bucket.cost !== null && ` · ${formatCost(bucket.cost)}`}
            {bucket.maxDurationMs !== null && ` · ≤ ${formatDuration(bucket.maxDurationMs)}`}
          </span>
        )}
      </div>
    </div>
  );
}

function markTitle({ kind, value }: { kind: "duration" | "cost"; value: number }): string {
  return kind === "cost"
    ? `Among the most expensive: ${formatCost(value)}`
    : `Among the slowest: ${formatDuration(value)}`;
}

function summary(data: { buckets: readonly { count: number; errors: number }[] } | undefined): string {
  if (data === undefined) return "Loading";
  const count = data.buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const errors = data.buckets.reduce((sum, bucket) => sum + bucket.errors, 0);
  return `${formatExact(count)} over time, ${formatExact(errors)} failed`;
}
