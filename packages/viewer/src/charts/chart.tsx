import { lazy, type ReactNode, Suspense, useState } from "react";
import { formatLocal } from "../model/format.ts";
import buttons from "../ui/button.module.css";
import { Icon } from "../ui/icons.tsx";
import { type ChartData, hasValues } from "./chart-data.ts";
import styles from "./chart.module.css";

// uPlot comes with the first chart that is drawn.
const Plot = lazy(async () => ({ default: (await import("./plot.tsx")).Plot }));

export interface ChartProps {
  title: string;
  /** Beside the title: the total, or a note. */
  aside?: ReactNode;
  data: ChartData;
  kind: "line" | "bars" | "stacked";
  /** A value as text, for axis, legend and table. */
  format: (value: number) => string;
  /** A value on the axis, where steps are round; `format` by default. */
  formatTick?: (value: number) => string;
  /** Height of the plot in pixels; the card keeps it before, while and after it loads. */
  height?: number;
  /** A range that was brushed, or a bar that was clicked: epoch milliseconds, half-open. */
  onRange?: (from: number, to: number) => void;
}

/** A chart over time with a legend, and the same numbers as a table for who cannot or does not want to see it. */
export function Chart(props: ChartProps) {
  const { title, aside, data, kind, format, height = 180 } = props;
  const [isTable, setIsTable] = useState(false);
  return (
    <figure className={styles["chart"]} aria-label={title}>
      <figcaption className={styles["head"]}>
        <h3>{title}</h3>
        {aside !== undefined && <span className={styles["aside"]}>{aside}</span>}
        <button
          type="button"
          className={buttons["icon"]}
          aria-pressed={isTable}
          title={isTable ? "Show the chart" : "Show as a table"}
          aria-label={`${title}: show as a table`}
          onClick={() => setIsTable(!isTable)}
        >
          <Icon name={isTable ? "chart" : "table"} size={14} />
        </button>
      </figcaption>
      <div className={styles["body"]} style={{ height }}>
        {!hasValues(data) ? (
          <p className={styles["none"]}>Nothing in this range</p>
        ) : isTable ? (
          <ChartTable data={data} format={format} title={title} />
        ) : (
          <Suspense>
            <Plot {...props} height={height} />
          </Suspense>
        )}
      </div>
      <ul className={styles["legend"]}>
        {data.series.map(({ label, color, dash }) => (
          <li key={label}>
            <i
              style={{ background: color }}
              data-line={kind === "line" || undefined}
              data-dashed={dash !== undefined || undefined}
            />
            {label}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function ChartTable({ data, format, title }: Pick<ChartProps, "data" | "format" | "title">) {
  return (
    // Focusable, as it scrolls.
    <div className={styles["scroll"]} tabIndex={0} role="group" aria-label={`${title}, as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {data.series.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.times.map((time, index) => (
            <tr key={time}>
              <th scope="row">{formatLocal(time).slice(0, 16)}</th>
              {data.series.map(({ label, values }) => {
                const value = values[index];
                return <td key={label}>{value === null || value === undefined ? "–" : format(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
