import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { fetchTraces } from "../../api/client.ts";
import { fetchUsers } from "../../api/use-sessions.ts";
import type { TraceSummary } from "../../api/types.ts";
import { formatCount, formatExact, formatRelative, formatTotalCost, NONE } from "../../model/format.ts";
import { rangeBounds, rangeText } from "../../model/list-state.ts";
import type { PageProps } from "../../pages.tsx";
import { clauseText } from "../../query/clauses.ts";
import { RangePicker } from "../../query/range-picker.tsx";
import { dashboardPath, observationsPath, sessionsPath, tracePath, tracesPath, usersPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useListState } from "../../ui/use-list-state.ts";
import { useNow } from "../../ui/use-now.ts";
import { PageList } from "../list/page-list.tsx";
import { traceColumns } from "../traces/trace-columns.tsx";
import { TracePhoneRow } from "../traces/trace-phone-row.tsx";
import styles from "./user-page.module.css";

const idOf = (trace: TraceSummary): string => trace.traceId;

/** What one user did: sums that lead to the rows behind them, and the newest traces. */
export function UserPage({ project, params }: PageProps) {
  const userId = params["userId"] ?? "";
  const q = clauseText("user", [userId]);
  const { range, change } = useListState();
  const source = useMemo(() => {
    const query = { project, q, ...rangeBounds(range, Date.now()) };
    return {
      queryKey: ["user-traces", project, q, range],
      fetchPage: (cursor: string | null, signal: AbortSignal) => fetchTraces({ ...query, cursor }, signal),
      idOf,
    };
  }, [project, q, range]);
  const columns = useMemo(() => traceColumns(project), [project]);
  return (
    <PageList
      title={userId}
      nouns={["trace", "traces"]}
      source={source}
      columns={columns}
      hrefOf={({ traceId }) => tracePath(project, traceId)}
      phoneRow={(trace, nowMs) => <TracePhoneRow project={project} trace={trace} nowMs={nowMs} />}
      before={
        <Link href={usersPath(project)} className={buttons["icon"]} aria-label="Back to the users">
          <Icon name="back" />
        </Link>
      }
      toolbar={() => <RangePicker range={range} onRange={(next) => change({ range: next })} />}
      above={<Sums project={project} userId={userId} />}
      empty={
        <Notice title={`Nothing of ${userId}`} level={2}>
          <p>No trace in this time carries this user id.</p>
        </Notice>
      }
    />
  );
}

function Sums({ project, userId }: { project: string; userId: string }) {
  const { range } = useListState();
  const q = clauseText("user", [userId]);
  const nowMs = useNow(30_000);
  const sums = useQuery({
    queryKey: ["user", project, userId, range],
    queryFn: async ({ signal }) => {
      const query = { project, q, ...rangeBounds(range, Date.now()), cursor: null };
      return (await fetchUsers(query, signal)).data.find((user) => user.userId === userId) ?? null;
    },
  });
  const user = sums.data ?? null;
  const link = { q, range: rangeText(range) };
  const tiles = [
    { label: "Traces", value: user && formatExact(user.traceCount), href: tracesPath(project, link) },
    { label: "Cost", value: user && formatTotalCost(user), href: dashboardPath(project, link) },
    {
      label: "Tokens",
      value: user && `${formatCount(user.inputTokens)} → ${formatCount(user.outputTokens)}`,
      href: dashboardPath(project, link),
    },
    { label: "Sessions", value: user && formatExact(user.sessionCount), href: sessionsPath(project, link) },
    {
      label: "Errors",
      value: user && formatExact(user.errorCount),
      href: observationsPath(project, { ...link, q: `${q} level:ERROR` }),
      tone: user !== null && user.errorCount > 0 ? "bad" : undefined,
    },
    {
      label: "Last seen",
      value: user && formatRelative(user.lastSeen, nowMs),
      href: tracesPath(project, link),
    },
  ];
  return (
    <ul className={styles["sums"]} aria-label={`Sums of ${userId}`}>
      {tiles.map(({ label, value, href, tone }) => (
        <li key={label}>
          <Link href={href}>
            <span>{label}</span>
            <b data-tone={tone}>{value ?? NONE}</b>
          </Link>
        </li>
      ))}
    </ul>
  );
}
