import { useEffect, useMemo, useRef } from "react";
import { useLocation, useSearchParams } from "wouter";
import { ApiError } from "../../api/http.ts";
import { useMetrics, useOldestTrace } from "../../api/use-metrics.ts";
import type { MetricsResponse } from "../../api/types.ts";
import { Chart } from "../../charts/chart.tsx";
import { useCommands } from "../../commands/use-commands.ts";
import { formatCost, formatCount, formatDuration, formatTick, formatTotalCost } from "../../model/format.ts";
import { rangeBounds, rangeText } from "../../model/list-state.ts";
import {
  allTokens,
  costChart,
  DIMENSIONS,
  errorChart,
  parseDimension,
  percentileChart,
  tokenChart,
  volumeChart,
} from "../../model/metrics.ts";
import type { PageProps } from "../../pages.tsx";
import { QueryBar } from "../../query/query-bar.tsx";
import { RangePicker } from "../../query/range-picker.tsx";
import { observationsPath, tracesPath } from "../../routes.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Choice, Popover } from "../../ui/popover.tsx";
import { withParameter } from "../../ui/url.ts";
import { useListState } from "../../ui/use-list-state.ts";
import { GroupTable } from "./group-table.tsx";
import { ScoreMeans } from "./score-means.tsx";
import { Tiles } from "./tiles.tsx";
import styles from "./dashboard.module.css";

const DEFAULTS = { range: "24h" };

/** Cost, tokens, volume, errors and latency over time and by one dimension; everything leads to the rows behind it. */
export function DashboardPage({ project }: PageProps) {
  const state = useListState(DEFAULTS);
  const { q, range, change } = state;
  const [params, setParams] = useSearchParams();
  const [, navigate] = useLocation();
  const by = parseDimension(params.get("by"));
  const input = useRef<HTMLInputElement>(null);
  const bounds = useMemo(() => rangeBounds(range, Date.now()), [range]);
  const oldest = useOldestTrace(bounds.from === undefined);
  const isEmpty = bounds.from === undefined && oldest.data === null;
  const from = bounds.from ?? oldest.data ?? null;
  const metrics = useMetrics(from === null ? null : { from, to: bounds.to, by, ...(q === "" ? {} : { q }) });
  const setBy = (id: string): void =>
    setParams((previous) => withParameter(previous, "by", id === "model" ? null : id), { replace: true });
  useEffect(() => {
    document.title = "Dashboard · Spanwise";
  }, []);
  useCommands("Dashboard", [
    { id: "query", label: "Filter", keys: ["/"], run: () => input.current?.focus() },
    { id: "clear", label: "Clear the filter", isEnabled: q !== "", run: () => change({ q: "" }) },
    ...DIMENSIONS.map(({ id, label }) => ({
      id: `by-${id}`,
      label: `Break down by ${label.toLowerCase()}`,
      run: () => setBy(id),
    })),
  ]);
  const error = metrics.error ?? oldest.error;
  const queryError = error instanceof ApiError ? error.query : null;
  if (error !== null && queryError === null && metrics.data === undefined) {
    return <ErrorNotice error={error} what="The numbers" onRetry={() => void metrics.refetch()} />;
  }
  const link = { q, range: rangeText(range) };
  return (
    <section className={styles["page"]} aria-label="Dashboard">
      <div className={styles["toolbar"]}>
        <h1>Dashboard</h1>
        <QueryBar
          target="observations"
          query={q}
          onQuery={(next) => change({ q: next })}
          error={queryError}
          inputRef={input}
        />
        <Popover label={`By ${by === "traceName" ? "trace" : by}`} icon="layers" title="Break down by" align="end">
          {(close) =>
            DIMENSIONS.map(({ id, label }) => (
              <Choice
                key={id}
                label={label}
                isChosen={id === by}
                onChoose={() => {
                  setBy(id);
                  close();
                }}
              />
            ))
          }
        </Popover>
        <RangePicker range={range} onRange={(next) => change({ range: next })} />
      </div>
      <div className={styles["body"]} aria-busy={metrics.isFetching} tabIndex={0} role="group" aria-label="Numbers">
        <Tiles project={project} values={metrics.data?.total ?? null} link={link} isEmpty={isEmpty} />
        {metrics.data !== undefined && (
          <Charts
            metrics={metrics.data}
            by={by}
            onRange={(bucketFrom, to, more) =>
              navigate(
                observationsPath(project, {
                  q: `${q} ${more}`.trim(),
                  range: rangeText({ kind: "between", from: bucketFrom, to }),
                }),
              )
            }
            onTraces={(bucketFrom, to) =>
              navigate(tracesPath(project, { range: rangeText({ kind: "between", from: bucketFrom, to }) }))
            }
          />
        )}
        {metrics.data !== undefined && <GroupTable project={project} metrics={metrics.data} by={by} link={link} />}
        {metrics.data !== undefined && <ScoreMeans project={project} values={metrics.data.total} range={link.range} />}
      </div>
    </section>
  );
}

interface ChartsProps {
  metrics: MetricsResponse;
  by: ReturnType<typeof parseDimension>;
  /** A part of a chart was chosen: the observations of that time, with one more clause. */
  onRange: (from: number, to: number, clause: string) => void;
  onTraces: (from: number, to: number) => void;
}

function Charts({ metrics, by, onRange, onTraces }: ChartsProps) {
  const { total } = metrics;
  // A chart is drawn anew when its data are new ones, not at each render.
  const charts = useMemo(
    () => ({
      cost: costChart(metrics, by),
      tokens: tokenChart(metrics),
      volume: volumeChart(metrics),
      errors: errorChart(metrics),
      trace: percentileChart(metrics, ({ traceLatency }) => traceLatency),
      latency: percentileChart(metrics, ({ latency }) => latency),
      firstToken: percentileChart(metrics, ({ firstToken }) => firstToken),
    }),
    [metrics, by],
  );
  return (
    <>
      <h2 className="sr-only">Over time</h2>
      <div className={styles["charts"]}>
        <Chart
          title="Cost"
          aside={total.cost === null ? "no price" : formatTotalCost(total)}
          kind="stacked"
          data={charts.cost}
          format={formatCost}
          onRange={(from, to) => onRange(from, to, "cost:>0")}
        />
        <Chart
          title="Tokens"
          aside={formatCount(allTokens(total.usage))}
          kind="stacked"
          data={charts.tokens}
          format={formatCount}
          onRange={(from, to) => onRange(from, to, "tokens:>0")}
        />
        <Chart
          title="Volume"
          aside={`${formatCount(total.traces)} traces`}
          kind="stacked"
          data={charts.volume}
          format={formatCount}
          onRange={(from, to) => onRange(from, to, "")}
        />
        <Chart
          title="Errors"
          aside={formatCount(total.errors)}
          kind="bars"
          data={charts.errors}
          format={formatCount}
          onRange={(from, to) => onRange(from, to, "level:ERROR")}
        />
        <Chart
          title="Trace latency"
          kind="line"
          data={charts.trace}
          format={formatDuration}
          formatTick={formatTick}
          onRange={onTraces}
        />
        <Chart
          title="Model latency"
          kind="line"
          data={charts.latency}
          format={formatDuration}
          formatTick={formatTick}
          onRange={(from, to) => onRange(from, to, "type:generation")}
        />
        <Chart
          title="Time to first token"
          kind="line"
          data={charts.firstToken}
          format={formatDuration}
          formatTick={formatTick}
          onRange={(from, to) => onRange(from, to, "firstToken:>0")}
        />
      </div>
    </>
  );
}
