import { memo, useEffect, useMemo, useRef } from "react";
import { useCommands } from "../../commands/use-commands.ts";
import { formatExact } from "../../model/format.ts";
import { statusOf, type TraceModel, idOf } from "../../trace/model.ts";
import { inside, isWhole } from "../../trace/zoom.ts";
import { useNow } from "../../ui/use-now.ts";
import { useWidth } from "../../ui/use-size.ts";
import { LaneCanvas } from "./lane-canvas.tsx";
import { Minimap } from "./minimap.tsx";
import { TimelineAxis, TimelineGrid, ZoomButtons } from "./timeline-axis.tsx";
import { durationText, TreeItem, type TreeItemProps } from "./tree-item.tsx";
import type { TraceState } from "./use-trace-state.ts";
import { useZoom } from "./use-zoom.ts";
import { VirtualTree } from "./virtual-tree.tsx";
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

/** From the bottom of such a row to the middle of its bar. */
const NARROW_BAR_PX = 9;

const TICK_MS = 100;

/** Each observation's place in time. Zooming renders the axis and no row: the bars follow by themselves. */
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
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide;
  const matches = useMemo(() => new Set(state.matches), [state.matches]);
  const { selected, isChosen } = state;
  useEffect(() => {
    const { current: zoom, whole } = control.state;
    if (!isChosen || isWhole(zoom, whole)) return;
    // What is chosen by a key or a jump comes into view, at the same zoom.
    const start = model.starts[selected] ?? 0;
    const end = start + Math.max(0, model.durations[selected] ?? 0);
    if (end >= zoom.from && start <= zoom.to) return;
    const span = zoom.to - zoom.from;
    const from = start - Math.max(0, (span - (end - start)) / 2);
    control.set(inside({ from, to: from + span }, whole));
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
      }}
    >
      <div className={styles["top"]}>
        <div className={styles["corner"]} style={{ width: nameWidth }}>
          {!isNarrow && <span>{formatExact(model.count)} observations</span>}
          <ZoomButtons control={control} />
        </div>
        <Minimap model={model} control={control} width={lane.width} />
      </div>
      <TimelineAxis control={control} width={lane.width} />
      <VirtualTree
        model={model}
        state={state}
        scrollerRef={scroller}
        rowHeight={rowHeight}
        backdrop={!isNarrow && <TimelineGrid control={control} width={lane.width} />}
        overlay={(first, mounted) => (
          <LaneCanvas
            model={model}
            rows={mounted}
            first={first}
            rowHeight={rowHeight}
            middle={isNarrow ? rowHeight - NARROW_BAR_PX : rowHeight / 2}
            selected={state.selected}
            nowOffsetMs={nowOffsetMs}
            width={lane.width}
            timeWidth={isNarrow ? 0 : TIME_PX}
            zoom={control.state}
          />
        )}
        renderRow={(index, top) => (
          <TimelineRow
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

interface TimelineRowProps extends TreeItemProps {
  isNarrow: boolean;
}

const TimelineRow = memo(function TimelineRow({ isNarrow, ...item }: TimelineRowProps) {
  return (
    <TreeItem {...item}>
      {isNarrow && (
        <span className={styles["narrowTime"]} aria-hidden="true">
          {durationText(item.model, item.index, item.nowOffsetMs)}
        </span>
      )}
    </TreeItem>
  );
});
