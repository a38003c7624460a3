import { useMemo } from "react";
import { useSearchParams } from "wouter";
import type { UserSummary } from "../../api/types.ts";
import { fetchUsers } from "../../api/use-sessions.ts";
import { formatExact } from "../../model/format.ts";
import { rangeText, readListState } from "../../model/list-state.ts";
import type { PageProps } from "../../pages.tsx";
import { clauseText } from "../../query/clauses.ts";
import { dashboardPath, observationsPath, userPath } from "../../routes.ts";
import { OpenLink, RelativeTime } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { RowTitle } from "../../table/row-parts.tsx";
import { sumColumns } from "../sessions/sum-columns.tsx";
import { SumList } from "../sessions/sum-list.tsx";
import styles from "../sessions/sum-list.module.css";

const NOUNS = ["user", "users"] as const;

const LESSON = {
  text: "What traces cost and where they fail is summed up by the user id they carry.",
  code: [
    'import { propagateAttributes } from "@spanwise/core";',
    "",
    'await propagateAttributes({ userId: "ana" }, () => answer(question));',
  ].join("\n"),
};

const idOf = (user: UserSummary): string => user.userId;
const timeOf = (user: UserSummary): number => user.lastSeen;

export function UsersPage({ project }: PageProps) {
  const [params] = useSearchParams();
  const range = rangeText(readListState(params).range);
  const columns = useMemo(() => userColumns(project, range), [project, range]);
  return (
    <SumList
      project={project}
      title="Users"
      nouns={NOUNS}
      fetchPage={fetchUsers}
      idOf={idOf}
      timeOf={timeOf}
      hrefOf={({ userId }) => userPath(project, userId, { range })}
      columns={columns}
      lesson={LESSON}
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
      cell: ({ userId }) => <RowTitle href={userPath(project, userId, { range })} title={userId} />,
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
