import { useLayoutEffect, useRef } from "react";
import { durationOf, type TraceModel } from "../../trace/model.ts";
import type { Zoom } from "../../trace/zoom.ts";
import { useThemeKey } from "../../ui/theme-colors.ts";
import { useEvent } from "../../ui/use-event.ts";
import { drawLanes } from "./draw-lane.ts";
import { durationText } from "./tree-item.tsx";
import type { ZoomState } from "./zoom-state.ts";
import styles from "./timeline-view.module.css";

interface LaneCanvasProps {
  model: TraceModel;
  /** What is mounted of the tree: indices of observations, from the `first` row on. */
  rows: Int32Array;
  first: number;
  rowHeight: number;
  /** Where in a row the middle of the bar is. */
  middle: number;
  selected: number;
  nowOffsetMs: number;
  /** Of the lanes, and behind them for the durations; in CSS pixels. */
  width: number;
  timeWidth: number;
  zoom: ZoomState;
}

/**
 * The bars of all rows that are mounted, as one picture: it scrolls with them, and a step of the zoom draws it anew without touching an
 * element. (As elements, four a row, the same step took three times as long, in style and layout.)
 */
export function LaneCanvas(props: LaneCanvasProps) {
  const { rows, first, rowHeight, width, timeWidth, zoom } = props;
  const ref = useRef<HTMLCanvasElement>(null);
  const font = useRef("");
  const theme = useThemeKey();
  const draw = useEvent((): void => {
    const canvas = ref.current;
    if (canvas === null) return;
    if (font.current === "") font.current = fontOf(canvas);
    drawRows(canvas, font.current, props, zoom.getDrawn());
  });
  // Whatever it is drawn from may have changed; the browser's own ratio of pixels has no event that all know.
  useLayoutEffect(draw);
  useLayoutEffect(() => zoom.subscribe(draw), [zoom, draw]);
  return (
    <canvas
      key={theme}
      ref={ref}
      className={styles["lanes"]}
      aria-hidden="true"
      style={{ width: width + timeWidth, height: rows.length * rowHeight, top: first * rowHeight }}
    />
  );
}

/** Read once: asking for a computed style makes the browser compute all that has changed, in each picture. */
function fontOf(canvas: HTMLCanvasElement): string {
  const { fontSize, fontFamily } = getComputedStyle(canvas);
  return `${fontSize} ${fontFamily}`;
}

function drawRows(canvas: HTMLCanvasElement, font: string, props: LaneCanvasProps, zoom: Zoom): void {
  const { model, rows, rowHeight, middle, selected, nowOffsetMs, width, timeWidth } = props;
  const ratio = window.devicePixelRatio;
  const height = rows.length * rowHeight;
  const pixels = [Math.round((width + timeWidth) * ratio), Math.round(height * ratio)] as const;
  const context = canvas.getContext("2d");
  if (context === null || width <= 0) return;
  if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width + timeWidth, height);
  context.font = font;
  context.textBaseline = "middle";
  const lanes = Array.from(rows, (index, at) => ({
    index,
    y: at * rowHeight + middle,
    length: durationOf(model, index, nowOffsetMs) ?? 0,
    text: timeWidth > 0 ? durationText(model, index, nowOffsetMs) : "",
    isSelected: index === selected,
  }));
  drawLanes(context, { width, height, hasTime: timeWidth > 0 }, model, zoom, lanes);
}
