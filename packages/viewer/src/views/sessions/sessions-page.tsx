import { useMemo, useRef } from "react";
import type { SessionSummary } from "../../api/types.ts";
import { fetchSessions } from "../../api/use-sessions.ts";
import { formatDuration } from "../../model/format.ts";
import { rangeBounds } from "../../model/list-state.ts";
import { readablePreview } from "../../model/preview.ts";
import type { PageProps } from "../../pages.tsx";
import { QueryBar } from "../../query/query-bar.tsx";
import { RangePicker } from "../../query/range-picker.tsx";
import { sessionPath } from "../../routes.ts";
import { Muted, RelativeTime } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { RowLink } from "../../table/row-link.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useListState } from "../../ui/use-list-state.ts";
import { PageList } from "../list/page-list.tsx";
import { Cost } from "../traces/trace-columns.tsx";
import { sumColumns } from "./sum-columns.tsx";
import styles from "./sessions.module.css";

const idOf = (session: SessionSummary): string => session.sessionId;

const EXAMPLE =
  'import { propagateAttributes } from "@spanwise/core";\n\nawait propagateAttributes({ sessionId: "chat-42", userId: "ana" }, () => answer(question));';

export function SessionsPage({ project }: PageProps) {
  const { q, range, change } = useListState();
  const input = useRef<HTMLInputElement>(null);
  const source = useMemo(() => {
    const bounds = rangeBounds(range, Date.now());
    return {
      queryKey: ["sessions", project, q, range],
      fetchPage: (cursor: string | null, signal: AbortSignal) =>
        fetchSessions({ project, q, ...bounds, cursor }, signal),
      idOf,
    };
  }, [project, q, range]);
  const columns = useMemo(() => sessionColumns(project), [project]);
  return (
    <PageList
      title="Sessions"
      nouns={["session", "sessions"]}
      source={source}
      columns={columns}
      hrefOf={(row) => sessionPath(project, row.sessionId)}
      phoneRow={(row, nowMs) => (
        <div role="cell" className={styles["phone"]}>
          <SessionName project={project} session={row} />
          <div className={styles["facts"]}>
            <span>{row.traceCount} traces</span>
            <Cost trace={row} />
          </div>
          <RelativeTime timeMs={row.startTime} nowMs={nowMs} />
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
        <Notice title="No session in this time" level={2}>
          <p>A session is a conversation: traces that carry the same session id are replayed here as one.</p>
          <div className={styles["example"]}>
            <CodeBlock code={EXAMPLE} />
          </div>
          <p>
            LangGraph’s <code>thread_id</code>, Langfuse’s <code>sessionId</code> and OpenTelemetry’s{" "}
            <code>session.id</code> are understood as well.
          </p>
        </Notice>
      }
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
      cell: (session) => <SessionName project={project} session={session} />,
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
      cell: ({ userIds }) => <Muted title={userIds.join("\n")}>{userIds.join(", ") || "–"}</Muted>,
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

function SessionName({ project, session }: { project: string; session: SessionSummary }) {
  return (
    <div className={styles["name"]}>
      <RowLink href={sessionPath(project, session.sessionId)}>{session.sessionId}</RowLink>
      <div className={styles["preview"]}>
        {readablePreview(session.inputPreview) ?? readablePreview(session.outputPreview) ?? " "}
      </div>
    </div>
  );
}
