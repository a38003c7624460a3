import { Link } from "wouter";
import type { MetricValues } from "../../api/types.ts";
import { formatCount, formatDuration, formatExact, formatTotalCost, NONE } from "../../model/format.ts";
import { allTokens, errorRate, formatShare } from "../../model/metrics.ts";
import { observationsPath, tracesPath } from "../../routes.ts";
import styles from "./dashboard.module.css";

interface TilesProps {
  project: string;
  /** `null` while nothing is known: the tiles are there, so that nothing moves. */
  values: MetricValues | null;
  link: { q: string; range: string };
  isEmpty: boolean;
}

interface Tile {
  label: string;
  value: string;
  detail: string;
  href: string;
  tone?: "bad";
}

/** The few numbers one comes for; each is the way to the rows behind it. */
export function Tiles({ project, values, link, isEmpty }: TilesProps) {
  return (
    <ul className={styles["tiles"]}>
      {tilesOf(project, values, link, isEmpty).map(({ label, value, detail, href, tone }) => (
        <li key={label}>
          <Link href={href} className={styles["tile"]}>
            <span className={styles["tileLabel"]}>{label}</span>
            <strong data-tone={tone}>{value}</strong>
            <small>{detail}</small>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function tilesOf(
  project: string,
  values: MetricValues | null,
  { q, range }: TilesProps["link"],
  isEmpty: boolean,
): Tile[] {
  const list = (clause: string, sort?: string): string =>
    observationsPath(project, { q: `${q} ${clause}`.trim(), range, ...(sort === undefined ? {} : { sort }) });
  // The trace list has another set of fields: a filter that was written for observations stays with them.
  const traces = q === "" ? tracesPath(project, { range }) : list("root:true");
  const slowTraces = q === "" ? tracesPath(project, { range, sort: "-duration" }) : list("root:true", "-duration");
  const known = values !== null;
  const tokens = values === null ? null : allTokens(values.usage);
  const none = isEmpty ? "nothing yet" : "";
  return [
    {
      label: "Cost",
      value: !known ? NONE : values.cost === null && tokens === 0 ? NONE : formatTotalCost(values),
      detail: !known ? none : values.costIncomplete ? "some usage has no price" : perTrace(values),
      href: list("cost:>0", "-cost"),
    },
    {
      label: "Traces",
      value: known ? formatCount(values.traces) : NONE,
      detail: known ? exact(values.traces) : none,
      href: traces,
    },
    {
      label: "Model calls",
      value: known ? formatCount(values.generations) : NONE,
      detail: known ? `of ${formatCount(values.observations)} observations` : none,
      href: list("type:(generation OR embedding)"),
    },
    {
      label: "Tokens",
      value: known ? formatCount(tokens) : NONE,
      detail: known ? cached(values.usage) : none,
      href: list("tokens:>0", "-tokens"),
    },
    {
      label: "Errors",
      value: known ? formatCount(values.errors) : NONE,
      detail: known ? `${formatShare(errorRate(values))} of observations` : none,
      href: list("level:ERROR"),
      ...(known && values.errors > 0 ? { tone: "bad" as const } : {}),
    },
    {
      label: "Trace latency p95",
      value: formatDuration(values?.traceLatency?.p95 ?? null),
      detail: median(values?.traceLatency),
      href: slowTraces,
    },
    {
      label: "First token p95",
      value: formatDuration(values?.firstToken?.p95 ?? null),
      detail: median(values?.firstToken),
      href: list("firstToken:>0", "-firstToken"),
    },
  ];
}

function perTrace({ cost, traces }: MetricValues): string {
  return cost === null || traces === 0
    ? ""
    : `${formatTotalCost({ cost: cost / traces, costIncomplete: false })} a trace`;
}

function exact(count: number): string {
  return count >= 1_000 ? formatExact(count) : "";
}

function cached(usage: Record<string, number>): string {
  const hits = Object.entries(usage).reduce(
    (sum, [bucket, tokens]) => (bucket.includes("cached") ? sum + tokens : sum),
    0,
  );
  return hits === 0 ? "" : `${formatCount(hits)} from the cache`;
}

function median(percentiles: { p50: number } | null | undefined): string {
  return percentiles === null || percentiles === undefined ? "" : `median ${formatDuration(percentiles.p50)}`;
}
