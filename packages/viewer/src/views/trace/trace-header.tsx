import { memo, type ReactNode } from "react";
import { Link } from "wouter";
import type { TraceDetail } from "../../api/types.ts";
import {
  formatAbsolute,
  formatCount,
  formatDuration,
  formatElapsed,
  formatExact,
  formatLocal,
  formatTotalCost,
} from "../../model/format.ts";
import { statusStyle } from "../../model/status.ts";
import { clauseText } from "../../query/clauses.ts";
import { observationsPath, sessionPath, tracesPath } from "../../routes.ts";
import { firstToken, type TraceModel } from "../../trace/model.ts";
import buttons from "../../ui/button.module.css";
import { Chip, ScoreChips } from "../../ui/chip.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { useNow } from "../../ui/use-now.ts";
import { visibleText } from "../../model/visible-text.ts";
import styles from "./trace-page.module.css";

interface TraceHeaderProps {
  project: string;
  trace: TraceDetail["trace"];
  model: TraceModel;
  onFirstError: () => void;
  onMarkdown: () => string;
  /** `null` on the page itself: its way out is the list. */
  onClose: (() => void) | null;
}

export const TraceHeader = memo(function TraceHeader(props: TraceHeaderProps) {
  const { project, trace, model, onFirstError, onMarkdown, onClose } = props;
  const isRunning = model.runningCount > 0;
  const nowMs = useNow(isRunning ? 100 : null);
  const ttft = firstToken(model);
  return (
    <header className={styles["header"]}>
      <div className={styles["top"]}>
        {onClose === null ? (
          <Link
            href={tracesPath(project)}
            className={buttons["icon"]}
            aria-label="Back to traces"
            title="Back to traces (Esc)"
          >
            <Icon name="back" />
          </Link>
        ) : (
          <button type="button" className={buttons["icon"]} aria-label="Close" title="Close (Esc)" onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
        <StatusMark status={trace.status} />
        <h1 title={visibleText(trace.name)}>{visibleText(trace.name) || "unnamed trace"}</h1>
        <span className={styles["statusText"]} data-status={trace.status} aria-hidden="true">
          {statusStyle(trace.status).label}
        </span>
        <div className={styles["actions"]}>
          {model.errorCount > 0 && (
            <button
              type="button"
              className={`${buttons["text"]} ${styles["errors"]}`}
              title="Next error (e)"
              onClick={onFirstError}
            >
              <Icon name="warning" size={13} />
              {formatExact(model.errorCount)} {model.errorCount === 1 ? "error" : "errors"}
            </button>
          )}
          <CopyButton text={trace.traceId} label="Copy the trace id">
            Id
          </CopyButton>
          <CopyButton text={() => window.location.href} label="Copy a link to what is open now" icon="link">
            Link
          </CopyButton>
          <CopyButton text={onMarkdown} label="Copy the trace's outline as Markdown" icon="list">
            Markdown
          </CopyButton>
        </div>
      </div>
      <div className={styles["facts"]}>
        <Fact label="Duration">
          {isRunning ? formatElapsed(nowMs - trace.startTime) : formatDuration(trace.durationMs ?? model.endMs)}
        </Fact>
        {ttft !== null && (
          <Fact label="First token" title="From the start of the trace to the first token of its first streamed answer">
            {formatDuration(ttft)}
          </Fact>
        )}
        {trace.totalTokens !== null && (
          <Fact label="Tokens">{`${formatCount(trace.inputTokens)} → ${formatCount(trace.outputTokens)}`}</Fact>
        )}
        {(trace.totalTokens !== null || trace.cost !== null) && <Fact label="Cost">{formatTotalCost(trace)}</Fact>}
        <Fact label="Started" title={formatAbsolute(trace.startTime)}>
          {formatLocal(trace.startTime).slice(0, 19)}
        </Fact>
        <Link
          href={observationsPath(project, { q: clauseText("trace", [trace.traceId]) })}
          className={styles["fact"]}
          title="These observations as a table"
        >
          <span>Observations</span>
          <span className={styles["linked"]}>{formatExact(model.count)}</span>
        </Link>
        <div className={`${styles["chips"]} ${styles["hideable"]}`}>
          <TextChips texts={trace.models} noun="models" />
          {trace.userId !== null && (
            <ChipLink href={tracesPath(project, { q: clauseText("user", [trace.userId]) })} label="user">
              {trace.userId}
            </ChipLink>
          )}
          {trace.sessionId !== null && (
            <ChipLink href={sessionPath(project, trace.sessionId)} label="session">
              {trace.sessionId}
            </ChipLink>
          )}
          {trace.environment !== "default" && <Chip label="env">{trace.environment}</Chip>}
          {trace.release !== null && <Chip label="release">{trace.release}</Chip>}
          <TextChips texts={trace.tags} noun="tags" />
          <ScoreChips scores={trace.scores} count={trace.scoreCount} max={MAX_CHIPS} />
        </div>
      </div>
    </header>
  );
});

/** Models, tags and scores that the head shows of each; the others are counted. */
const MAX_CHIPS = 30;

function TextChips({ texts, noun }: { texts: readonly string[]; noun: string }) {
  const left = texts.length - MAX_CHIPS;
  return (
    <>
      {texts.slice(0, MAX_CHIPS).map((text) => (
        <Chip key={text}>{text}</Chip>
      ))}
      {left > 0 && <Chip title={texts.slice(MAX_CHIPS, 2 * MAX_CHIPS).join("\n")}>{`${left} more ${noun}`}</Chip>}
    </>
  );
}

function Fact({ label, title, children }: { label: string; title?: string; children: string }) {
  return (
    <span className={styles["fact"]} title={title}>
      <span>{label}</span>
      <span>{children}</span>
    </span>
  );
}

function ChipLink({ href, label, children }: { href: string; label: string; children: string }): ReactNode {
  return (
    <Link href={href} className={styles["chipLink"]}>
      <Chip label={label}>{children}</Chip>
    </Link>
  );
}
