import { Link } from "wouter";
import type { MetricDimension, MetricsResponse, MetricValues } from "../../api/types.ts";
import { formatCount, formatDuration, formatTotalCost } from "../../model/format.ts";
import {
  allTokens,
  DIMENSIONS,
  errorRate,
  formatShare,
  groupLabel,
  groupQuery,
  groupShares,
} from "../../model/metrics.ts";
import { observationsPath } from "../../routes.ts";
import styles from "./dashboard.module.css";

interface GroupTableProps {
  project: string;
  metrics: MetricsResponse;
  by: MetricDimension;
  link: { q: string; range: string };
}

/** What the numbers are made of, the most expensive first. */
export function GroupTable({ project, metrics, by, link }: GroupTableProps) {
  const { groups, other, total } = metrics;
  const dimension = DIMENSIONS.find(({ id }) => id === by);
  if (groups.length === 0) return null;
  const shares = groupShares(groups);
  const title = `Top ${dimension?.plural ?? by}`;
  return (
    <section className={styles["card"]} aria-label={title}>
      <h2>{title}</h2>
      {/* Focusable, as it scrolls sideways on a small screen. */}
      <div className={styles["scroll"]} tabIndex={0} role="group" aria-label={`${title}, as a table`}>
        <table className={styles["table"]}>
          <thead>
            <tr>
              <th scope="col">{dimension?.label}</th>
              <th scope="col">Cost</th>
              <th scope="col">Share</th>
              <th scope="col">Tokens</th>
              <th scope="col">Observations</th>
              <th scope="col">Errors</th>
              <th scope="col">Latency p50</th>
              <th scope="col">p95</th>
              <th scope="col">First token p95</th>
            </tr>
          </thead>
          <tbody>
            {groups.map(({ value, values }, index) => {
              const query = groupQuery(link.q, by, value);
              const label = groupLabel(by, value);
              return (
                <tr key={value}>
                  <th scope="row">
                    {query === null ? (
                      <span>{label}</span>
                    ) : (
                      <Link href={observationsPath(project, { q: query, range: link.range })}>{label}</Link>
                    )}
                    <i
                      className={styles["share"]}
                      style={{ width: `${(shares[index] ?? 0) * 100}%` }}
                      aria-hidden="true"
                    />
                  </th>
                  <Numbers values={values} total={total} />
                </tr>
              );
            })}
            {other !== null && (
              <tr>
                <th scope="row">
                  <span>other</span>
                </th>
                <Numbers values={other} total={total} />
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Numbers({ values, total }: { values: MetricValues; total: MetricValues }) {
  const tokens = allTokens(values.usage);
  const share = values.cost === null || total.cost === null || total.cost === 0 ? null : values.cost / total.cost;
  return (
    <>
      <td>
        {values.cost === null && tokens === 0 ? (
          "–"
        ) : (
          <span data-none={values.cost === null || undefined}>{formatTotalCost(values)}</span>
        )}
      </td>
      <td>{formatShare(share)}</td>
      <td>{tokens > 0 ? formatCount(tokens) : "–"}</td>
      <td>{formatCount(values.observations)}</td>
      <td data-bad={values.errors > 0 || undefined}>
        {values.errors === 0 ? "–" : `${formatCount(values.errors)} (${formatShare(errorRate(values))})`}
      </td>
      <td>{formatDuration(values.latency?.p50 ?? null)}</td>
      <td>{formatDuration(values.latency?.p95 ?? null)}</td>
      <td>{formatDuration(values.firstToken?.p95 ?? null)}</td>
    </>
  );
}
