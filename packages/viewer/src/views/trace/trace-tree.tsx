import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useMemo, useRef } from "react";
import type { ObservationSummary } from "../../api/types.ts";
import { formatDuration, formatExact, formatTick } from "../../model/format.ts";
import type { TreeRow } from "../../model/rows.ts";
import { treeKey } from "../../model/tree-keys.ts";
import { timeTicks, traceRange } from "../../model/waterfall.ts";
import { useNow } from "../../ui/use-now.ts";
import { useWidth } from "../../ui/use-size.ts";
import { rowDomId, TraceTreeRow } from "./trace-tree-row.tsx";
import { useTreePointer } from "./use-tree-pointer.ts";
import styles from "./trace-tree.module.css";

/** Below this width of the pane the bar goes under the name. */
const NARROW_PX = 600;

const ROW_HEIGHT = { wide: 30, narrow: 42 };

const SIDE_PADDING_PX = 28;
const TOKENS_PX = 92;
const COST_PX = 88;
/** Room behind the lane, so that a bar that ends with the trace still has its duration beside it. */
const DURATION_PX = 60;
const NAME_SHARE = 0.35;

interface TraceTreePaneProps {
  rows: readonly TreeRow[];
  observations: readonly ObservationSummary[];
  selectedId: string | null;
  onSelect: (id: string) => void;
  onToggle: (id: string, expand: boolean) => void;
}

/** Tree and waterfall in one virtual list: a row is a name and, on the same line, its place in time. */
export const TraceTreePane = memo(function TraceTreePane(props: TraceTreePaneProps) {
  const { rows, observations, selectedId, onSelect, onToggle } = props;
  const pane = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(pane);
  const isNarrow = width < NARROW_PX;
  const hasRunning = useMemo(
    () => observations.some((observation) => observation.status === "running"),
    [observations],
  );
  const nowMs = useNow(hasRunning ? 100 : null);
  const range = useMemo(() => traceRange(observations, nowMs), [observations, nowMs]);

  const inner = Math.max(0, width - SIDE_PADDING_PX);
  const nameWidth = Math.round(inner * NAME_SHARE);
  const laneWidth = isNarrow ? inner : inner - nameWidth - TOKENS_PX - COST_PX - DURATION_PX;
  const columns = isNarrow
    ? "minmax(0, 1fr) auto auto auto"
    : `${nameWidth}px ${TOKENS_PX}px ${COST_PX}px minmax(0, 1fr) ${DURATION_PX}px`;
  const ticks = timeTicks(range, laneWidth);

  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    // Another function would have every row's place computed again.
    getItemKey: useCallback((index: number) => rows[index]?.id ?? index, [rows]),
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);

  const selectedIndex = rows.findIndex((row) => row.id === selectedId);
  useEffect(() => {
    if (selectedIndex !== -1) virtual.scrollToIndex(selectedIndex, { align: "auto" });
    // Only when another row was chosen: a live update must not scroll.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selectedId]);
  useEffect(() => scroller.current?.focus({ preventScroll: true }), []);
  const pointer = useTreePointer(rows, onSelect, onToggle);

  return (
    <div
      ref={pane}
      className={`${styles["pane"]} ${isNarrow ? styles["narrow"] : ""}`}
      style={{ "--columns": columns }}
    >
      <div className={styles["axis"]} aria-hidden="true">
        {isNarrow ? (
          <span>{formatDuration(range.endMs - range.startMs)} in total</span>
        ) : (
          <>
            <span style={{ paddingLeft: 4 }}>
              {formatExact(observations.length)} {observations.length === 1 ? "observation" : "observations"}
            </span>
            <span className={styles["number"]}>Tokens</span>
            <span className={styles["number"]}>Cost</span>
            <div className={styles["axisLane"]}>
              {ticks.map((tick) => (
                <span
                  key={tick.offsetMs}
                  className={styles["tick"]}
                  data-last={tick.at * laneWidth > laneWidth - 40 || undefined}
                  style={{ left: `${tick.at * 100}%` }}
                >
                  {formatTick(tick.offsetMs)}
                </span>
              ))}
            </div>
          </>
        )}
      </div>
      <div
        ref={scroller}
        className={styles["scroller"]}
        role="tree"
        tabIndex={0}
        aria-label="Observations"
        aria-activedescendant={selectedIndex === -1 || selectedId === null ? undefined : rowDomId(selectedId)}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
          const action = treeKey(rows, selectedId, event.key);
          if (action === null) return;
          event.preventDefault();
          if (action.type === "select") onSelect(action.id);
          else onToggle(action.id, action.type === "expand");
        }}
        {...pointer}
      >
        <div className={styles["body"]} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {!isNarrow && (
            <div
              className={styles["grid"]}
              style={{ left: 8 + nameWidth + TOKENS_PX + COST_PX, right: 8 + DURATION_PX }}
            >
              {ticks.map((tick) => (
                <span key={tick.offsetMs} className={styles["gridLine"]} style={{ left: `${tick.at * 100}%` }} />
              ))}
            </div>
          )}
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              row !== undefined && (
                <TraceTreeRow
                  key={row.id}
                  row={row}
                  range={range}
                  // Only what runs needs the clock.
                  nowMs={row.node.observation.status === "running" ? nowMs : 0}
                  isNarrow={isNarrow}
                  isSelected={row.id === selectedId}
                  top={item.start}
                  height={item.size}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
});
