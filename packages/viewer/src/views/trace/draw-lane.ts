import { criticalSegments } from "../../trace/critical-path.ts";
import { hasChildren, statusOf, type TraceModel, typeOf } from "../../trace/model.ts";
import type { Zoom } from "../../trace/zoom.ts";
import { type ThemeColors, themeColors } from "../../ui/theme-colors.ts";

/** CSS pixels. */
const BAR_HEIGHT = 10;
const PARENT_HEIGHT = 6;
const RADIUS = 3;
const MIN_WIDTH = 3;
const CRITICAL_BELOW = 7;
const CRITICAL_HEIGHT = 2;
const TEXT_GAP = 7;
const STRIPE = 8;

/** Shares of the kind's colour, over the row's own. */
const LEAF_ALPHA = 0.62;
const PARENT_ALPHA = 0.36;
const FADED_ALPHA = 0.18;
const WAIT_ALPHA = 0.55;

/** They have no end of their own. */
const STRIPED: ReadonlySet<string> = new Set(["incomplete", "cancelled", "interrupted"]);

export interface LaneStyle {
  width: number;
  hasTime: boolean;
  colors: ThemeColors;
}

export interface Lane {
  index: number;
  /** The bar's middle. */
  y: number;
  /** Milliseconds. */
  length: number;
  text: string;
  isSelected: boolean;
}

/** All bars, then all durations: these lie outside of what the bars are clipped to. */
export function drawLanes(
  context: CanvasRenderingContext2D,
  measures: Pick<LaneStyle, "width" | "hasTime"> & { height: number },
  model: TraceModel,
  zoom: Zoom,
  lanes: readonly Lane[],
): void {
  const style: LaneStyle = { ...measures, colors: themeColors() };
  context.save();
  context.beginPath();
  context.rect(0, 0, style.width, measures.height);
  context.clip();
  for (const lane of lanes) drawLane(context, style, model, zoom, lane);
  context.restore();
  if (!style.hasTime) return;
  for (const lane of lanes) drawTime(context, style, model, zoom, lane);
}

/** The color of an observation's kind; newer servers may know more of them. */
function kindColor(model: TraceModel, index: number): string {
  return `--kind-${typeOf(model, index)}, var(--kind-span)`;
}

/** One observation's bar: the wait for its first token lighter, what the trace waited for below it. */
function drawLane(
  context: CanvasRenderingContext2D,
  { width: laneWidth, colors }: LaneStyle,
  model: TraceModel,
  zoom: Zoom,
  { index, y, length, isSelected }: Lane,
): void {
  const scale = laneWidth / (zoom.to - zoom.from);
  const start = model.starts[index] ?? 0;
  // What is far out of sight is cut a little beyond the edges: the numbers of a deep zoom are too large to draw.
  const cut = (offsetMs: number): number =>
    Math.min(laneWidth + RADIUS * 2, Math.max(-RADIUS * 2, (offsetMs - zoom.from) * scale));
  const left = cut(start);
  const width = Math.max(MIN_WIDTH, cut(start + length) - left);
  if (left < laneWidth && left + width > 0) {
    const status = statusOf(model, index);
    const isParent = hasChildren(model, index) && typeOf(model, index) !== "generation";
    const height = isParent ? PARENT_HEIGHT : BAR_HEIGHT;
    const color = colors(status === "error" ? "--error" : kindColor(model, index));
    context.fillStyle = color;
    context.globalAlpha = status === "error" || isSelected ? 1 : isParent ? PARENT_ALPHA : LEAF_ALPHA;
    context.beginPath();
    context.roundRect(left, y - height / 2, width, height, Math.min(RADIUS, width / 2));
    if (status === "running") fade(context, { color, background: colors("--bg"), left, right: left + width });
    else if (STRIPED.has(status)) stripe(context, { left, width, y, height });
    else context.fill();
    const firstToken = model.firstTokens[index] ?? -1;
    if (firstToken > 0 && firstToken < length)
      drawWait(context, colors("--bg"), { left, y, height, end: cut(start + firstToken) });
  }
  context.globalAlpha = 1;
  context.fillStyle = colors("--critical");
  for (const { from, to } of criticalSegments(model, index)) {
    const at = cut(from);
    context.fillRect(at, y + CRITICAL_BELOW, Math.max(1, cut(to) - at), CRITICAL_HEIGHT);
  }
}

/** The duration, behind the bar; with an arrow where the bar is out of sight. */
function drawTime(
  context: CanvasRenderingContext2D,
  { width, colors }: LaneStyle,
  model: TraceModel,
  zoom: Zoom,
  { index, y, length, text }: Lane,
): void {
  const start = model.starts[index] ?? 0;
  context.fillStyle = colors(statusOf(model, index) === "running" ? "--running" : "--fg-soft");
  const end = Math.min(width, Math.max(0, ((start + length - zoom.from) * width) / (zoom.to - zoom.from)));
  const away = start + length < zoom.from ? "‹ " : start > zoom.to ? "› " : "";
  context.fillText(away + text, end + TEXT_GAP, y);
}

function drawWait(
  context: CanvasRenderingContext2D,
  background: string,
  { left, y, height, end }: { left: number; y: number; height: number; end: number },
): void {
  context.fillStyle = background;
  context.globalAlpha = WAIT_ALPHA;
  context.fillRect(left, y - height / 2, end - left, height);
  context.globalAlpha = 1;
  context.fillRect(end - 1, y - height / 2, 2, height);
}

/** Its end is not known yet. */
function fade(
  context: CanvasRenderingContext2D,
  { color, background, left, right }: { color: string; background: string; left: number; right: number },
): void {
  const gradient = context.createLinearGradient(left, 0, right, 0);
  gradient.addColorStop(0.4, color);
  gradient.addColorStop(1, background);
  context.fillStyle = gradient;
  context.fill();
}

function stripe(
  context: CanvasRenderingContext2D,
  { left, width, y, height }: { left: number; width: number; y: number; height: number },
): void {
  context.save();
  const alpha = context.globalAlpha;
  context.globalAlpha = FADED_ALPHA;
  context.fill();
  context.clip();
  context.globalAlpha = alpha;
  context.strokeStyle = context.fillStyle;
  context.lineWidth = STRIPE / 2;
  context.beginPath();
  for (let x = left - STRIPE; x < left + width + STRIPE; x += STRIPE) {
    context.moveTo(x, y + height);
    context.lineTo(x + height, y - height);
  }
  context.stroke();
  context.restore();
}
