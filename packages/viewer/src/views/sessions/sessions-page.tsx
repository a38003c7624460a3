import { useMemo } from "react";
import type { SessionSummary } from "../../api/types.ts";
import { fetchSessions } from "../../api/use-sessions.ts";
import { formatDuration } from "../../model/format.ts";
import { readablePreview } from "../../model/preview.ts";
import type { PageProps } from "../../pages.tsx";
import { sessionPath } from "../../routes.ts";
import { Muted, RelativeTime } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { RowTitle } from "../../table/row-parts.tsx";
import { sumColumns } from "./sum-columns.tsx";
import { SumList } from "./sum-list.tsx";

const NOUNS = ["session", "sessions"] as const;

const LESSON = {
  text: "A session is a conversation: traces that carry the same session id are replayed here as one. LangGraph's thread_id, Langfuse's sessionId and OpenTelemetry's session.id are understood as well.",
  code: [
    'import { propagateAttributes } from "@spanwise/core";',
    "",
    'await propagateAttributes({ sessionId: "chat-42", userId: "ana" }, () => answer(question));',
  ].join("\n"),
};

const idOf = (session: SessionSummary): string => session.sessionId;
const timeOf = (session: SessionSummary): number => session.startTime;
const detailOf = (session: SessionSummary): string | null =>
  readablePreview(session.inputPreview) ?? readablePreview(session.outputPreview);

export function SessionsPage({ project }: PageProps) {
  const columns = useMemo(() => sessionColumns(project), [project]);
  return (
    <SumList
      project={project}
      title="Sessions"
      nouns={NOUNS}
      fetchPage={fetchSessions}
      idOf={idOf}
      timeOf={timeOf}
      hrefOf={({ sessionId }) => sessionPath(project, sessionId)}
      detailOf={detailOf}
      columns={columns}
      lesson={LESSON}
    />
  );
}

function sessionColumns(project: string): Column<SessionSummary>[] {
  return [
    column({
      id: "session",
      label: "Session",
      width: 220,
      grow: 2.4,
      priority: Number.POSITIVE_INFINITY,
      isFixed: true,
      cell: (session) => (
        <RowTitle href={sessionPath(project, session.sessionId)} title={session.sessionId} detail={detailOf(session)} />
      ),
    }),
    column({
      id: "start",
      label: "Started",
      width: 72,
      priority: 9,
      cell: ({ startTime }, { nowMs }) => <RelativeTime timeMs={startTime} nowMs={nowMs} />,
    }),
    column({
      id: "length",
      label: "Length",
      width: 80,
      align: "end",
      priority: 4,
      cell: ({ startTime, endTime }) => (endTime === null ? <Muted>open</Muted> : formatDuration(endTime - startTime)),
    }),
    ...sumColumns<SessionSummary>(),
    column({
      id: "users",
      label: "Users",
      width: 120,
      grow: 0.6,
      priority: 3,
      cell: ({ userIds, userCount }) => {
        const left = userCount - userIds.length;
        const users = left > 0 ? [...userIds, `${left} more`] : userIds;
        return <Muted title={users.join("\n")}>{users.join(", ") || "–"}</Muted>;
      },
    }),
    column({
      id: "environment",
      label: "Environment",
      width: 100,
      priority: 2,
      cell: ({ environment }) => <Muted>{environment}</Muted>,
    }),
  ];
}
