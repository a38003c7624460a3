import { useEffect, useMemo, useRef, useState } from "react";
import { Link } from "wouter";
import { isNotFound } from "../../api/http.ts";
import type { SessionDetail } from "../../api/types.ts";
import { useSession } from "../../api/use-sessions.ts";
import { useCommands } from "../../commands/use-commands.ts";
import { formatAbsolute, formatDuration, formatLocal } from "../../model/format.ts";
import { LEAST_PAUSE_MS, replay, type Turn } from "../../model/replay.ts";
import type { PageProps } from "../../pages.tsx";
import { clauseText } from "../../query/clauses.ts";
import { comparePath, sessionsPath, tracePath, tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { ScoreChips } from "../../ui/chip.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Icon } from "../../ui/icons.tsx";
import { JsonTree } from "../../ui/json-tree.tsx";
import { LoadingPage } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { MessageList } from "../trace/chat-view.tsx";
import { ScoreDialog } from "../trace/score-dialog.tsx";
import { Cost, Tokens, TraceDuration } from "../traces/trace-columns.tsx";
import styles from "./session-page.module.css";

/** In the head, on one line. */
const MAX_SHOWN_SCORES = 20;

/** A conversation as it was held: each trace is a turn. */
export function SessionPage({ project, params }: PageProps) {
  const sessionId = params["sessionId"] ?? "";
  const query = useSession(sessionId);
  useEffect(() => {
    document.title = `${sessionId} · Spanwise`;
  }, [sessionId]);
  if (query.data !== undefined) return <Session project={project} detail={query.data} />;
  if (query.error === null) return <LoadingPage label="Reading the session" />;
  if (isNotFound(query.error)) {
    return (
      <Notice
        title="This session is not here"
        actions={
          <Link href={sessionsPath(project)} className={buttons["text"]}>
            All sessions
          </Link>
        }
      >
        <p>No trace that is stored carries the session id {sessionId}.</p>
      </Notice>
    );
  }
  return <ErrorNotice error={query.error} what="The session" onRetry={() => void query.refetch()} />;
}

function Session({ project, detail }: { project: string; detail: SessionDetail }) {
  const { session, traces, truncated, scores, scoreCount } = detail;
  const turns = useMemo(() => replay(traces), [traces]);
  const [at, setAt] = useState(-1);
  const [scored, setScored] = useState<Turn | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const goTo = (next: number): void => {
    const index = Math.min(turns.length - 1, Math.max(0, next));
    setAt(index);
    const turn = list.current?.children[index];
    turn?.scrollIntoView({ block: "nearest" });
    turn?.querySelector<HTMLElement>("a")?.focus({ preventScroll: true });
  };
  const current = turns[at];
  useCommands("Session", [
    { id: "next", label: "Next turn", keys: ["j"], isKeyOnly: true, run: () => goTo(at + 1) },
    { id: "previous", label: "Previous turn", keys: ["k"], isKeyOnly: true, run: () => goTo(at - 1) },
    {
      id: "score",
      label: "Score the turn",
      keys: ["s"],
      isEnabled: current !== undefined,
      run: () => setScored(current ?? null),
    },
  ]);
  return (
    <section className={styles["page"]} aria-label={`Session ${session.sessionId}`}>
      <header className={styles["head"]}>
        <Link href={sessionsPath(project)} className={buttons["icon"]} aria-label="Back to the sessions">
          <Icon name="back" />
        </Link>
        <h1 title={session.sessionId}>{session.sessionId}</h1>
        <CopyButton text={session.sessionId} label="Copy the session's id" />
        <dl className={styles["facts"]}>
          <div>
            <dt>Turns</dt>
            <dd>{session.traceCount}</dd>
          </div>
          <div>
            <dt>Length</dt>
            <dd>{session.endTime === null ? "open" : formatDuration(session.endTime - session.startTime)}</dd>
          </div>
          <div>
            <dt>Tokens</dt>
            <dd>
              <Tokens trace={session} />
            </dd>
          </div>
          <div>
            <dt>Cost</dt>
            <dd>
              <Cost trace={session} />
            </dd>
          </div>
          {session.userIds.map((userId) => (
            <div key={userId}>
              <dt>User</dt>
              <dd>
                <Link href={tracesPath(project, { q: clauseText("user", [userId]) })}>{userId}</Link>
              </dd>
            </div>
          ))}
          {session.userCount > session.userIds.length && (
            <div>
              <dt>More users</dt>
              <dd>{session.userCount - session.userIds.length}</dd>
            </div>
          )}
          {scoreCount > 0 && (
            <div>
              <dt className="sr-only">Scores</dt>
              <dd className={styles["scores"]}>
                <ScoreChips scores={scores} count={scoreCount} max={MAX_SHOWN_SCORES} />
              </dd>
            </div>
          )}
        </dl>
        <Link
          href={tracesPath(project, { q: clauseText("session", [session.sessionId]) })}
          className={`${buttons["text"]} ${styles["all"]}`}
        >
          <Icon name="list" size={14} /> As a list
        </Link>
      </header>
      <div className={styles["scroll"]} tabIndex={0} role="group" aria-label="Conversation">
        <ol ref={list} className={styles["turns"]}>
          {turns.map((turn, index) => (
            <TurnView
              key={turn.trace.traceId}
              project={project}
              turn={turn}
              number={index + 1}
              before={turns[index - 1] ?? null}
              isCurrent={index === at}
              onScore={() => setScored(turn)}
            />
          ))}
        </ol>
        {truncated && <p className={styles["more"]}>Only the first 500 turns are shown. The list has all of them.</p>}
      </div>
      {scored !== null && (
        <ScoreDialog
          traceId={scored.trace.traceId}
          observationId={null}
          subject={scored.trace.name}
          onClose={() => setScored(null)}
        />
      )}
    </section>
  );
}

interface TurnViewProps {
  project: string;
  turn: Turn;
  number: number;
  before: Turn | null;
  isCurrent: boolean;
  onScore: () => void;
}

function TurnView({ project, turn, number, before, isCurrent, onScore }: TurnViewProps) {
  const { trace, pauseMs, asked, answered, input, output } = turn;
  const all = [...(asked ?? []), ...(answered ?? [])];
  return (
    <li className={styles["turn"]} data-current={isCurrent || undefined}>
      {pauseMs !== null && pauseMs >= LEAST_PAUSE_MS && (
        <p className={styles["pause"]}>{formatDuration(pauseMs)} later</p>
      )}
      <header>
        <StatusMark status={trace.status} />
        <h2>
          <Link href={tracePath(project, trace.traceId)}>
            <span className="sr-only">Turn {number}: </span>
            {trace.name || "unnamed trace"}
          </Link>
        </h2>
        <time dateTime={new Date(trace.startTime).toISOString()} title={formatAbsolute(trace.startTime)}>
          {formatLocal(trace.startTime).slice(0, 19)}
        </time>
        <TraceDuration trace={trace} />
        <Cost trace={trace} />
        <span className={styles["tools"]}>
          <ScoreChips scores={trace.scores} count={trace.scoreCount} max={3} />
          {before !== null && (
            <Link
              href={comparePath(project, before.trace.traceId, trace.traceId)}
              className={buttons["icon"]}
              title="Compare with the turn before"
              aria-label={`Compare turn ${number} with the one before`}
            >
              <Icon name="compare" size={14} />
            </Link>
          )}
          <button
            type="button"
            className={buttons["icon"]}
            title="Score (s)"
            aria-label={`Score turn ${number}`}
            onClick={onScore}
          >
            <Icon name="star" size={14} />
          </button>
        </span>
      </header>
      <div className={styles["said"]}>
        {asked !== null ? (
          <MessageList messages={asked} all={all} />
        ) : (
          input !== null && <JsonTree value={input} label="input" />
        )}
        {answered !== null ? (
          <MessageList messages={answered} all={all} />
        ) : (
          output !== null && <JsonTree value={output} label="output" />
        )}
        {trace.truncated !== undefined && (
          <p className={styles["cut"]}>
            The {trace.truncated.join(" and the ")} of this turn is long, and only its beginning is here.{" "}
            <Link href={tracePath(project, trace.traceId, trace.rootId)}>The trace has all of it</Link>
          </p>
        )}
        {trace.errorCount > 0 && (
          <p className={styles["failed"]}>
            {trace.errorCount} {trace.errorCount === 1 ? "error" : "errors"} in this turn.{" "}
            <Link href={tracePath(project, trace.traceId)}>Look at the trace</Link>
          </p>
        )}
      </div>
    </li>
  );
}
