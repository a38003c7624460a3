import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useEvent } from "../ui/use-event.ts";
import type { ChartProps } from "./chart.tsx";
import { plotOptions } from "./plot-options.ts";
import { stack } from "./chart-data.ts";
import styles from "./plot.module.css";

/** The drawn part of a chart: a canvas, so it is redrawn when the size, the data or the theme changes. */
export function Plot(props: ChartProps & { height: number }) {
  const { data, kind, height } = props;
  const root = useRef<HTMLDivElement>(null);
  const { formatTick } = props;
  const format = useEvent(props.format);
  const onRange = useEvent((from: number, to: number) => props.onRange?.(from, to));
  const canRange = props.onRange !== undefined;
  useEffect(() => {
    const element = root.current;
    if (element === null) return undefined;
    const values = kind === "stacked" ? stack(data) : data.series.map((series) => [...series.values]);
    const draw = (): uPlot => {
      const width = element.clientWidth;
      const options = plotOptions({
        data,
        kind,
        width,
        height,
        element,
        format,
        formatTick,
        onRange: canRange ? onRange : null,
      });
      // The last of a stack is drawn first, so that the others lie on it.
      const order = kind === "stacked" ? values.toReversed() : values;
      return new uPlot(options, [data.times.map((time) => time / 1_000), ...order], element);
    };
    let plot = draw();
    const redraw = (): void => {
      plot.destroy();
      plot = draw();
    };
    const size = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    size.observe(element);
    // Colours come from the tokens and are baked into the canvas.
    const theme = new MutationObserver(redraw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", redraw);
    return () => {
      size.disconnect();
      theme.disconnect();
      system.removeEventListener("change", redraw);
      plot.destroy();
    };
  }, [data, kind, height, format, formatTick, onRange, canRange]);
  return <div ref={root} className={styles["plot"]} aria-hidden="true" />;
}
