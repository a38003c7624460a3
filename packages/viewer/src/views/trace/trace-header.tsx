import { memo } from "react";
import { Link } from "wouter";
import type { TraceDetail } from "../../api/types.ts";
import {
  formatAbsolute,
  formatCount,
  formatDuration,
  formatElapsed,
  formatLocal,
  formatTotalCost,
} from "../../model/format.ts";
import { statusStyle } from "../../model/status.ts";
import { tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Chip, ScoreChip } from "../../ui/chip.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { useNow } from "../../ui/use-now.ts";
import styles from "./trace-page.module.css";

interface TraceHeaderProps {
  project: string;
  detail: TraceDetail;
  errorCount: number;
  onFirstError: () => void;
}

export const TraceHeader = memo(function TraceHeader(props: TraceHeaderProps) {
  const { project, detail, errorCount, onFirstError } = props;
  const { trace } = detail;
  const isRunning = trace.status === "running";
  const nowMs = useNow(isRunning ? 100 : null);
  return (
    <header className={styles["header"]}>
      <div className={styles["top"]}>
        <Link
          href={tracesPath(project)}
          className={buttons["icon"]}
          aria-label="Back to traces"
          title="Back to traces (Esc)"
        >
          <Icon name="back" />
        </Link>
        <StatusMark status={trace.status} />
        <h1 title={trace.name}>{trace.name || "unnamed trace"}</h1>
        <span className={styles["statusText"]} data-status={trace.status} aria-hidden="true">
          {statusStyle(trace.status).label}
        </span>
        <div className={styles["actions"]}>
          {errorCount > 0 && (
            <button
              type="button"
              className={`${buttons["text"]} ${styles["errors"]}`}
              title="Next error (e)"
              onClick={onFirstError}
            >
              <Icon name="warning" size={13} />
              {errorCount} {errorCount === 1 ? "error" : "errors"}
            </button>
          )}
          <CopyButton text={trace.traceId} label="Copy the trace id">
            Id
          </CopyButton>
          <CopyButton text={() => window.location.href} label="Copy a link to what is open now" icon="link">
            Link
          </CopyButton>
        </div>
      </div>
      <div className={styles["facts"]}>
        <Fact label="Duration">
          {isRunning ? formatElapsed(nowMs - trace.startTime) : formatDuration(trace.durationMs)}
        </Fact>
        {trace.totalTokens !== null && (
          <Fact label="Tokens">{`${formatCount(trace.inputTokens)} → ${formatCount(trace.outputTokens)}`}</Fact>
        )}
        {(trace.totalTokens !== null || trace.cost !== null) && <Fact label="Cost">{formatTotalCost(trace)}</Fact>}
        <Fact label="Started" title={formatAbsolute(trace.startTime)}>
          {formatLocal(trace.startTime).slice(0, 19)}
        </Fact>
        <div className={`${styles["chips"]} ${styles["hideable"]}`}>
          {trace.models.map((model) => (
            <Chip key={model}>{model}</Chip>
          ))}
          {trace.userId !== null && <Chip label="user">{trace.userId}</Chip>}
          {trace.sessionId !== null && <Chip label="session">{trace.sessionId}</Chip>}
          {trace.environment !== "default" && <Chip label="env">{trace.environment}</Chip>}
          {trace.release !== null && <Chip label="release">{trace.release}</Chip>}
          {trace.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
          {trace.scores.map((score) => (
            <ScoreChip key={score.id} score={score} />
          ))}
        </div>
      </div>
    </header>
  );
});

function Fact({ label, title, children }: { label: string; title?: string; children: string }) {
  return (
    <span className={styles["fact"]} title={title}>
      <span>{label}</span>
      <span>{children}</span>
    </span>
  );
}
