import { memo, useEffect, useMemo, useRef } from "react";
import { useCommands } from "../../commands/use-commands.ts";
import { formatDuration, formatExact, formatTick } from "../../model/format.ts";
import { criticalSegments } from "../../trace/critical-path.ts";
import { durationOf, hasChildren, statusOf, type TraceModel, typeOf, idOf } from "../../trace/model.ts";
import { inside } from "../../trace/zoom.ts";
import { timeTicks } from "../../trace/ticks.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { useNow } from "../../ui/use-now.ts";
import { useWidth } from "../../ui/use-size.ts";
import { Minimap } from "./minimap.tsx";
import { durationText, TreeItem, type TreeItemProps } from "./tree-item.tsx";
import type { TraceState } from "./use-trace-state.ts";
import { useZoom } from "./use-zoom.ts";
import { VirtualTree } from "./virtual-tree.tsx";
import row from "./row.module.css";
import styles from "./timeline-view.module.css";

const ROW_HEIGHT = { wide: 28, narrow: 42 };

/** Below this width of the pane the bar goes under the name. */
const NARROW_PX = 520;

const SIDE_PX = 8;
const SCROLLBAR_PX = 10;
/** Room behind the lane, so that a bar that ends with the trace still has its duration beside it. */
const TIME_PX = 58;
const NAME_SHARE = 0.34;
const MAX_NAME_PX = 380;

const TICK_MS = 100;

/** Each observation's place in time. Zooming changes two numbers on the pane, which all bars are drawn by: no row renders again. */
export function TimelineView({ model, state }: { model: TraceModel; state: TraceState }) {
  const pane = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(pane);
  const nowMs = useNow(model.runningCount > 0 ? TICK_MS : null);
  const nowOffsetMs = nowMs - model.startTime;
  const endMs = model.runningCount > 0 ? Math.max(model.endMs, nowOffsetMs) : model.endMs;
  // Before the first measurement it is taken for wide, as it mostly is.
  const isNarrow = width > 0 && width < NARROW_PX;
  const inner = Math.max(0, width - SIDE_PX * 2 - SCROLLBAR_PX);
  const nameWidth = isNarrow ? 0 : Math.round(Math.min(MAX_NAME_PX, inner * NAME_SHARE));
  const lane = { left: SIDE_PX + nameWidth, width: Math.max(0, inner - nameWidth - (isNarrow ? 0 : TIME_PX)) };
  const control = useZoom(endMs, scroller, lane);
  const { zoom } = control;
  const ticks = timeTicks(zoom, lane.width);
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const matches = useMemo(() => new Set(state.matches), [state.matches]);
  const { selected, isChosen } = state;
  useEffect(() => {
    if (!isChosen || control.isFit) return;
    // What is chosen by a key or a jump comes into view, at the same zoom.
    const start = model.starts[selected] ?? 0;
    const end = start + Math.max(0, model.durations[selected] ?? 0);
    if (end >= zoom.from && start <= zoom.to) return;
    const span = zoom.to - zoom.from;
    const from = start - Math.max(0, (span - (end - start)) / 2);
    control.set(inside({ from, to: from + span }, control.whole));
    // Only when another one was chosen: zooming away from it is the reader's own.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selected]);
  useCommands("Timeline", [
    { id: "in", label: "Zoom in", keys: ["+", "="], run: control.zoomIn },
    { id: "out", label: "Zoom out", keys: ["-"], run: control.zoomOut },
    { id: "fit", label: "Fit the whole trace", keys: ["f"], run: control.fit },
  ]);
  return (
    <div
      ref={pane}
      className={styles["pane"]}
      data-narrow={isNarrow || undefined}
      style={{
        "--columns": isNarrow ? "minmax(0, 1fr) auto" : `${nameWidth}px minmax(0, 1fr) ${TIME_PX}px`,
        "--lane-left": `${lane.left}px`,
        "--lane-width": `${lane.width}px`,
        "--zoom-from": zoom.from,
        "--zoom-scale": 100 / (zoom.to - zoom.from),
      }}
    >
      <div className={styles["top"]}>
        <div className={styles["corner"]} style={{ width: nameWidth }}>
          {!isNarrow && <span>{formatExact(model.count)} observations</span>}
          <button
            type="button"
            className={buttons["icon"]}
            title="Zoom in (+)"
            aria-label="Zoom in"
            onClick={control.zoomIn}
          >
            <Icon name="plus" size={12} />
          </button>
          <button
            type="button"
            className={buttons["icon"]}
            title="Zoom out (-)"
            aria-label="Zoom out"
            disabled={control.isFit}
            onClick={control.zoomOut}
          >
            <Icon name="minus" size={12} />
          </button>
        </div>
        <Minimap model={model} control={control} width={lane.width} />
      </div>
      <div className={styles["axis"]} aria-hidden="true">
        {ticks.map((tick) => (
          <span
            key={tick.offsetMs}
            data-last={tick.at * lane.width > lane.width - 36 || undefined}
            style={{ left: `${tick.at * 100}%` }}
          >
            {formatTick(tick.offsetMs)}
          </span>
        ))}
      </div>
      <VirtualTree
        model={model}
        state={state}
        scrollerRef={scroller}
        rowHeight={rowHeight}
        backdrop={
          !isNarrow && (
            <div className={styles["grid"]} aria-hidden="true">
              {ticks.map((tick) => (
                <i key={tick.offsetMs} style={{ left: `${tick.at * 100}%` }} />
              ))}
            </div>
          )
        }
        renderRow={(index, top) => (
          <TimelineRow
            key={idOf(model, index)}
            model={model}
            index={index}
            // Only what runs needs the clock.
            nowOffsetMs={statusOf(model, index) === "running" ? nowOffsetMs : 0}
            isNarrow={isNarrow}
            isOpen={!state.collapsed.has(idOf(model, index))}
            isMatch={matches.has(model.places[index] ?? -1)}
            isSelected={index === state.selected}
            top={top}
            height={rowHeight}
          />
        )}
      />
    </div>
  );
}

const TimelineRow = memo(function TimelineRow({ isNarrow, ...item }: TreeItemProps & { isNarrow: boolean }) {
  const { model, index, nowOffsetMs } = item;
  const status = statusOf(model, index);
  const start = model.starts[index] ?? 0;
  const length = durationOf(model, index, nowOffsetMs) ?? 0;
  const text = durationText(model, index, nowOffsetMs);
  const firstToken = model.firstTokens[index] ?? -1;
  const isStructure = hasChildren(model, index) && typeOf(model, index) !== "generation";
  return (
    <TreeItem {...item} style={{ "--start": start, "--length": length, "--end": start + length }}>
      {isNarrow && (
        <span className={styles["narrowTime"]} aria-hidden="true">
          {text}
        </span>
      )}
      <div className={row["lane"]} aria-hidden="true">
        <div className={row["clip"]}>
          <span className={row["bar"]} data-status={status} data-parent={isStructure || undefined}>
            {firstToken > 0 && firstToken < length && (
              <span
                className={row["wait"]}
                title={`First token after ${formatDuration(firstToken)}`}
                style={{ width: `${(firstToken / length) * 100}%` }}
              />
            )}
          </span>
          {criticalSegments(model, index).map(({ from, to }) => (
            <span key={from} className={row["critical"]} style={{ "--start": from, "--length": to - from }} />
          ))}
        </div>
        {!isNarrow && (
          <span className={row["time"]} data-running={status === "running" || undefined}>
            {text}
          </span>
        )}
      </div>
    </TreeItem>
  );
});
