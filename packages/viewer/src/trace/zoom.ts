import type { TraceModel } from "./model.ts";

/** The part of the trace's time that the timeline shows: offsets in milliseconds. */
export interface Zoom {
  from: number;
  to: number;
}

/** Narrower than this share of the trace, or of a microsecond, there is nothing more to see. */
const MIN_SHARE = 1e-6;
const MIN_SPAN_MS = 0.01;

export function fit(model: Pick<TraceModel, "endMs">): Zoom {
  return { from: 0, to: Math.max(model.endMs, MIN_SPAN_MS) };
}

/** Closer by a factor below 1, further by one above, around a share of what is shown; never beyond the trace. */
export function zoomBy(zoom: Zoom, factor: number, around: number, whole: Zoom): Zoom {
  const span = zoom.to - zoom.from;
  const most = whole.to - whole.from;
  const next = Math.min(most, Math.max(MIN_SPAN_MS, most * MIN_SHARE, span * factor));
  const pivot = zoom.from + span * around;
  return inside({ from: pivot - next * around, to: pivot + next * (1 - around) }, whole);
}

/** Moved by a share of what is shown. */
export function panBy(zoom: Zoom, share: number, whole: Zoom): Zoom {
  const by = (zoom.to - zoom.from) * share;
  return inside({ from: zoom.from + by, to: zoom.to + by }, whole);
}

/** Moved, and only cut when it is wider than the whole. */
export function inside(zoom: Zoom, whole: Zoom): Zoom {
  const span = Math.min(zoom.to - zoom.from, whole.to - whole.from);
  const from = Math.min(Math.max(zoom.from, whole.from), whole.to - span);
  return { from, to: from + span };
}

export function isWhole(zoom: Zoom, whole: Zoom): boolean {
  return zoom.from <= whole.from && zoom.to >= whole.to;
}

/** `120-3400.5` in an address; `null` for what is none, and for the whole. */
export function parseZoom(text: string | null): Zoom | null {
  const match = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text ?? "");
  if (match === null) return null;
  const zoom = { from: Number(match[1]), to: Number(match[2]) };
  return zoom.to - zoom.from >= MIN_SPAN_MS ? zoom : null;
}

export function zoomText(zoom: Zoom): string {
  const short = (value: number): string => String(Math.max(0, Number(value.toFixed(3))));
  return `${short(zoom.from)}-${short(zoom.to)}`;
}

export interface MinimapBar {
  index: number;
  line: number;
  /** Shares of the width. */
  left: number;
  width: number;
}

/** Places along the map: more than there are pixels on most screens. */
const COLUMNS = 600;

/** The trace's rows squeezed into a few lines. What is deeper lies on top, and neighbours of one kind are one bar. */
export function minimapBars(model: TraceModel, lines: number): MinimapBar[] {
  const span = Math.max(model.endMs, MIN_SPAN_MS);
  const step = Math.max(1, model.count / lines);
  const cells = new Int32Array(lines * COLUMNS).fill(-1);
  for (let place = 0; place < model.count; place++) {
    const index = model.order[place] ?? 0;
    const start = model.starts[index] ?? 0;
    const duration = model.durations[index] ?? -1;
    const from = Math.min(COLUMNS - 1, Math.max(0, Math.floor((start / span) * COLUMNS)));
    const to = Math.ceil(((duration < 0 ? span : start + duration) / span) * COLUMNS);
    const line = Math.min(lines - 1, Math.floor(place / step)) * COLUMNS;
    cells.fill(index, line + from, line + Math.min(COLUMNS, Math.max(from + 1, to)));
  }
  const bars: MinimapBar[] = [];
  for (let line = 0; line < lines; line++) {
    for (let column = 0; column < COLUMNS;) {
      const index = cells[line * COLUMNS + column] ?? -1;
      let end = column + 1;
      while (end < COLUMNS && isAlike(model, index, cells[line * COLUMNS + end] ?? -1)) end++;
      if (index !== -1) bars.push({ index, line, left: column / COLUMNS, width: (end - column) / COLUMNS });
      column = end;
    }
  }
  return bars;
}

function isAlike(model: TraceModel, a: number, b: number): boolean {
  if (a === b || a === -1 || b === -1) return a === b;
  return model.types[a] === model.types[b] && model.statuses[a] === model.statuses[b];
}
