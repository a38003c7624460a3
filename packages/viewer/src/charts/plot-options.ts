import uPlot from "uplot";
import { formatLocal, formatTimeTick } from "../model/format.ts";
import type { ChartData } from "./chart-data.ts";
import styles from "./plot.module.css";

interface PlotInput {
  data: ChartData;
  kind: "line" | "bars" | "stacked";
  width: number;
  height: number;
  /** Where colours are resolved. */
  element: HTMLElement;
  format: (value: number) => string;
  /** On the axis, where steps are round; `format` by default. */
  formatTick: ((value: number) => string) | undefined;
  onRange: ((from: number, to: number) => void) | null;
}

const FONT_PX = 11;

/** So few values that a line alone might not show them: a point with nothing beside it draws no line. */
const POINTS_BELOW = 8;

export function plotOptions(input: PlotInput): uPlot.Options {
  const { data, kind, width, height, element, format, onRange } = input;
  const color = resolver(element);
  const series = kind === "stacked" ? data.series.toReversed() : data.series;
  const bars = uPlot.paths.bars?.({ size: [0.78, 40], radius: 0.12 });
  const half = ((data.times[1] ?? 0) - (data.times[0] ?? 0)) / 2_000;
  const font = `${FONT_PX}px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: color("var(--fg-faint)"), font, ticks: { show: false }, gap: 6 };
  return {
    width,
    height,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: onRange !== null, y: false, setScale: false },
      points: { show: kind === "line", size: 6 },
      y: false,
    },
    scales: {
      // A bar stands in the middle of its place: half of one on each side, so that the outer ones are whole.
      ...(kind === "line" ? {} : { x: { range: (_plot, min, max) => [min - half, max + half] } }),
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 64,
        values: (_plot, ticks, _axis, _space, step) => ticks.map((tick) => formatTimeTick(tick * 1_000, step * 1_000)),
      },
      {
        ...axis,
        grid: { stroke: color("var(--line-faint)"), width: 1 },
        size: 56,
        values: (_plot, ticks) => ticks.map((tick) => (input.formatTick ?? format)(tick)),
      },
    ],
    series: [
      {},
      ...series.map((entry): uPlot.Series => {
        const stroke = color(entry.color);
        if (kind === "line") {
          return {
            label: entry.label,
            stroke,
            width: 1.6,
            points:
              entry.values.filter((value) => value !== null).length < POINTS_BELOW
                ? { show: true, size: 5, fill: stroke, width: 0 }
                : { show: false },
            ...(entry.dash === undefined ? {} : { dash: [...entry.dash] }),
          };
        }
        return {
          label: entry.label,
          fill: stroke,
          width: 0,
          points: { show: false },
          ...(bars === undefined ? {} : { paths: bars }),
        };
      }),
    ],
    plugins: [tooltip(data, format)],
    hooks:
      onRange === null
        ? {}
        : {
            setSelect: [(plot) => reportRange(plot, data, onRange)],
            init: [(plot) => plot.over.addEventListener("click", () => reportClick(plot, data, onRange))],
          },
  };
}

/** A canvas knows no custom properties and no `light-dark()`: the page's own style resolves them. */
function resolver(element: HTMLElement): (text: string) => string {
  const probe = document.createElement("span");
  return (text) => {
    probe.style.color = text;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

type OnRange = (from: number, to: number) => void;

/** From the first bucket that is touched to the end of the last. */
function reportRange(plot: uPlot, data: ChartData, onRange: OnRange): void {
  const { left, width } = plot.select;
  if (width === 0) return;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  reportBuckets(data, plot.posToIdx(left), plot.posToIdx(left + width), onRange);
}

/** The bucket under a click. uPlot keeps the click at the end of a drag to itself. */
function reportClick(plot: uPlot, data: ChartData, onRange: OnRange): void {
  const { idx } = plot.cursor;
  if (idx !== null && idx !== undefined) reportBuckets(data, idx, idx, onRange);
}

function reportBuckets({ times }: ChartData, from: number, to: number, onRange: OnRange): void {
  const step = (times[1] ?? 0) - (times[0] ?? 0);
  const [first, last] = [times[from], times[to]];
  if (first !== undefined && last !== undefined && step > 0) onRange(first, last + step);
}

/** The values under the pointer, largest context first: the time, then each series. */
function tooltip(data: ChartData, format: (value: number) => string): uPlot.Plugin {
  const tip = document.createElement("div");
  tip.className = styles["tip"] ?? "";
  tip.hidden = true;
  return {
    hooks: {
      init: (plot) => plot.over.append(tip),
      setCursor: (plot) => {
        const { idx, left = -1 } = plot.cursor;
        const time = idx === null || idx === undefined ? undefined : data.times[idx];
        tip.hidden = left < 0 || time === undefined || idx === null || idx === undefined;
        if (tip.hidden || time === undefined || idx === null || idx === undefined) return;
        const head = document.createElement("b");
        head.textContent = formatLocal(time).slice(0, 16);
        const lines = data.series.map(({ label, color, values }) => {
          const line = document.createElement("div");
          const mark = document.createElement("i");
          mark.style.background = color;
          const value = values[idx];
          line.append(mark, `${label}  `, value === null || value === undefined ? "–" : format(value));
          return line;
        });
        tip.replaceChildren(head, ...lines);
        const isRight = left > plot.over.clientWidth / 2;
        tip.style.transform = `translate(calc(${left}px ${isRight ? "- 100% - 12px" : "+ 12px"}), 4px)`;
      },
    },
  };
}
