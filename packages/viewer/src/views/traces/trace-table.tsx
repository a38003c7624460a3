import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import type { TraceSummary } from "../../api/types.ts";
import type { TraceList } from "../../api/use-traces.ts";
import { slowestMs } from "../../model/trace-list.ts";
import { tracePath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Notice } from "../../ui/notice.tsx";
import { useHotkeys } from "../../ui/use-hotkeys.ts";
import { useNow } from "../../ui/use-now.ts";
import { PHONE, useMedia, useWidth } from "../../ui/use-size.ts";
import { TraceRow } from "./trace-row.tsx";
import styles from "./trace-table.module.css";

const ROW_HEIGHT = { wide: 48, phone: 72 };

/** Rows from the end at which the next page is asked for. */
const LOAD_AHEAD_ROWS = 15;

interface TraceTableProps {
  project: string;
  traces: readonly TraceSummary[];
  list: TraceList;
  isFiltered: boolean;
  selectedId: string | null;
  onSelect: (id: string | null) => void;
  onScrolled: (isScrolled: boolean) => void;
  onClearFilter: () => void;
}

export function TraceTable(props: TraceTableProps) {
  const { project, traces, list, isFiltered, selectedId, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // Its head is as wide as the column: one measurement for all rows.
  const chipsHead = useRef<HTMLSpanElement>(null);
  const chipsPx = useWidth(chipsHead);
  const [, navigate] = useLocation();
  const isPhone = useMedia(PHONE);
  const hasRunning = traces.some((trace) => trace.status === "running");
  const nowMs = useNow(hasRunning ? 200 : 1_000);
  const slowest = slowestMs(traces);
  const rowHeight = isPhone ? ROW_HEIGHT.phone : ROW_HEIGHT.wide;
  const virtual = useVirtualizer({
    count: traces.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: useCallback((index: number) => traces[index]?.traceId ?? index, [traces]),
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  useEffect(() => virtual.measure(), [virtual, rowHeight]);

  const lastMounted = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lastMounted >= traces.length - LOAD_AHEAD_ROWS) list.loadMore();
  }, [lastMounted, traces.length, list]);

  const move = (step: 1 | -1): void => {
    const at = traces.findIndex((trace) => trace.traceId === selectedId);
    const next = Math.min(traces.length - 1, Math.max(0, at + step));
    const trace = traces[next];
    if (trace === undefined) return;
    onSelect(trace.traceId);
    virtual.scrollToIndex(next, { align: "auto" });
  };
  const release = (): void => {
    list.release();
    onSelect(null);
    scroller.current?.scrollTo({ top: 0 });
  };
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    n: release,
    Escape: () => onSelect(null),
    Enter: () => {
      if (selectedId !== null) navigate(tracePath(project, selectedId));
    },
  });

  return (
    <div className={styles["wrap"]}>
      <div className={styles["head"]} aria-hidden="true">
        <span />
        <span>Trace</span>
        <span>Started</span>
        <span className={styles["number"]}>Duration</span>
        <span className={styles["number"]}>Tokens</span>
        <span className={styles["number"]}>Cost</span>
        <span>Model</span>
        <span ref={chipsHead} className={styles["context"]}>
          User, scores, tags
        </span>
      </div>
      {list.waitingCount > 0 && (
        <button type="button" className={styles["pill"]} onClick={release}>
          {list.waitingCount} new
        </button>
      )}
      <div
        ref={scroller}
        className={styles["scroller"]}
        onScroll={(event) => props.onScrolled(event.currentTarget.scrollTop > 4)}
      >
        {traces.length === 0 && isFiltered ? (
          <Notice
            title="No loaded trace matches"
            level={2}
            actions={
              <button type="button" className={buttons["text"]} onClick={props.onClearFilter}>
                Clear the filter
              </button>
            }
          >
            <p>The quick filter looks at the rows that are loaded. Scroll down to load older ones.</p>
          </Notice>
        ) : (
          <div
            role="table"
            aria-label="Traces, newest first"
            aria-rowcount={list.hasMore ? -1 : traces.length}
            className={styles["body"]}
            style={{ height: virtual.getTotalSize() }}
          >
            {items.map((item) => {
              const trace = traces[item.index];
              return (
                trace !== undefined && (
                  <TraceRow
                    key={trace.traceId}
                    project={project}
                    trace={trace}
                    nowMs={nowMs}
                    slowestMs={slowest}
                    chipsPx={chipsPx}
                    top={item.start}
                    height={item.size}
                    rowIndex={item.index + 1}
                    isSelected={trace.traceId === selectedId}
                  />
                )
              );
            })}
          </div>
        )}
        {list.isLoadingMore && <div className={styles["more"]}>Loading older traces…</div>}
      </div>
      <div className="sr-only" aria-live="polite">
        {list.waitingCount > 0 ? `${list.waitingCount} new traces` : ""}
      </div>
    </div>
  );
}
