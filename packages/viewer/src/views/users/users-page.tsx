import { useMemo, useRef } from "react";
import type { UserSummary } from "../../api/types.ts";
import { fetchUsers } from "../../api/use-sessions.ts";
import { formatExact } from "../../model/format.ts";
import { rangeBounds, rangeText } from "../../model/list-state.ts";
import type { PageProps } from "../../pages.tsx";
import { clauseText } from "../../query/clauses.ts";
import { QueryBar } from "../../query/query-bar.tsx";
import { RangePicker } from "../../query/range-picker.tsx";
import { dashboardPath, observationsPath, tracesPath } from "../../routes.ts";
import { OpenLink, RelativeTime } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { RowLink } from "../../table/row-link.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useListState } from "../../ui/use-list-state.ts";
import { PageList } from "../list/page-list.tsx";
import { sumColumns } from "../sessions/sum-columns.tsx";
import styles from "../sessions/sessions.module.css";
import { Cost } from "../traces/trace-columns.tsx";

const idOf = (user: UserSummary): string => user.userId;

const EXAMPLE =
  'import { propagateAttributes } from "@spanwise/core";\n\nawait propagateAttributes({ userId: "ana" }, () => answer(question));';

export function UsersPage({ project }: PageProps) {
  const { q, range, change } = useListState();
  const input = useRef<HTMLInputElement>(null);
  const text = rangeText(range);
  const source = useMemo(() => {
    const bounds = rangeBounds(range, Date.now());
    return {
      queryKey: ["users", project, q, range],
      fetchPage: (cursor: string | null, signal: AbortSignal) => fetchUsers({ project, q, ...bounds, cursor }, signal),
      idOf,
    };
  }, [project, q, range]);
  const columns = useMemo(() => userColumns(project, text), [project, text]);
  const hrefOf = (row: UserSummary): string =>
    tracesPath(project, { q: clauseText("user", [row.userId]), range: text });
  return (
    <PageList
      title="Users"
      nouns={["user", "users"]}
      source={source}
      columns={columns}
      hrefOf={hrefOf}
      phoneRow={(row, nowMs) => (
        <div role="cell" className={styles["phone"]}>
          <div className={styles["name"]}>
            <RowLink href={hrefOf(row)}>{row.userId}</RowLink>
          </div>
          <div className={styles["facts"]}>
            <span>{row.traceCount} traces</span>
            <Cost trace={row} />
          </div>
          <RelativeTime timeMs={row.lastSeen} nowMs={nowMs} />
        </div>
      )}
      commands={() => [{ id: "query", label: "Filter", keys: ["/"], run: () => input.current?.focus() }]}
      toolbar={(queryError) => (
        <>
          <QueryBar
            target="traces"
            query={q}
            onQuery={(next) => change({ q: next })}
            error={queryError}
            inputRef={input}
          />
          <RangePicker range={range} onRange={(next) => change({ range: next })} />
        </>
      )}
      empty={
        <Notice title="No user in this time" level={2}>
          <p>What traces cost and where they fail is summed by the user id they carry.</p>
          <div className={styles["example"]}>
            <CodeBlock code={EXAMPLE} />
          </div>
        </Notice>
      }
    />
  );
}

function userColumns(project: string, range: string): Column<UserSummary>[] {
  const clause = (userId: string): string => clauseText("user", [userId]);
  return [
    column({
      id: "user",
      label: "User",
      width: 180,
      grow: 2,
      priority: Number.POSITIVE_INFINITY,
      isFixed: true,
      cell: ({ userId }) => (
        <div className={styles["name"]}>
          <RowLink href={tracesPath(project, { q: clause(userId), range })}>{userId}</RowLink>
        </div>
      ),
    }),
    column({
      id: "lastSeen",
      label: "Last seen",
      width: 76,
      priority: 9,
      cell: ({ lastSeen }, { nowMs }) => <RelativeTime timeMs={lastSeen} nowMs={nowMs} />,
    }),
    column({
      id: "firstSeen",
      label: "First seen",
      width: 76,
      priority: 2,
      cell: ({ firstSeen }, { nowMs }) => <RelativeTime timeMs={firstSeen} nowMs={nowMs} />,
    }),
    column({
      id: "sessions",
      label: "Sessions",
      width: 68,
      align: "end",
      priority: 4,
      cell: ({ sessionCount }) => formatExact(sessionCount),
    }),
    ...sumColumns<UserSummary>(),
    column({
      id: "more",
      label: "Look at",
      width: 150,
      priority: 3,
      cell: ({ userId }) => (
        <span className={styles["links"]}>
          <OpenLink href={dashboardPath(project, { q: clause(userId), range })}>dashboard</OpenLink>
          <OpenLink href={observationsPath(project, { q: `${clause(userId)} level:ERROR`, range })}>errors</OpenLink>
        </span>
      ),
    }),
  ];
}
