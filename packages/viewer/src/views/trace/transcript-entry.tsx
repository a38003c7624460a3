import { memo, type ReactNode } from "react";
import { type LoadedObservation, useObservation } from "../../api/use-trace.ts";
import { soleText } from "../../model/chat.ts";
import { newMessages } from "../../model/chat-delta.ts";
import { formatDuration, formatExact, formatTotalCost } from "../../model/format.ts";
import { parseNested } from "../../model/json.ts";
import { readChat } from "../../model/read-chat.ts";
import { statusStyle } from "../../model/status.ts";
import { modelOf, statusOf, subtreeSum, type TraceModel, idOf } from "../../trace/model.ts";
import type { TranscriptEntry } from "../../trace/transcript.ts";
import { Icon } from "../../ui/icons.tsx";
import { KindIcon, kindStyle } from "../../ui/kind-icon.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { MessageList, ProseView, ValueView } from "./chat-view.tsx";
import { kindOf, stateOf } from "./row-name.tsx";
import styles from "./transcript-view.module.css";

interface EntryProps {
  model: TraceModel;
  entry: TranscriptEntry;
  label: string;
  position: number;
  count: number;
  isSelected: boolean;
  onSelect: (index: number) => void;
  onToggle: (id: string) => void;
}

export const TranscriptEntryView = memo(function TranscriptEntryView(props: EntryProps) {
  const { model, entry, label, position, count, isSelected, onSelect, onToggle } = props;
  const { index, kind, level, isOpen } = entry;
  const id = idOf(model, index);
  const status = stateOf(model, index);
  const sum = subtreeSum(model, index);
  const duration = model.durations[index] ?? -1;
  return (
    <article
      className={styles["entry"]}
      data-kind={kind}
      data-selected={isSelected || undefined}
      aria-label={label}
      aria-posinset={position}
      aria-setsize={count}
      style={{ ...kindStyle(kindOf(model, index)), marginLeft: level * 20 }}
    >
      <header className={styles["head"]}>
        <KindIcon type={kindOf(model, index)} />
        <button type="button" className={styles["name"]} onClick={() => onSelect(index)}>
          {label}
        </button>
        {kind === "turn" && <span className={styles["model"]}>{modelOf(model, index)}</span>}
        {status !== "ok" && <StatusMark status={status} />}
        {kind !== "request" && kind !== "answer" && (
          <span className={styles["facts"]}>
            {duration >= 0 && <span>{formatDuration(duration)}</span>}
            {sum.cost !== null && <span>{formatTotalCost(sum)}</span>}
          </span>
        )}
        {isOpen !== null && (
          <button type="button" className={styles["fold"]} aria-expanded={isOpen} onClick={() => onToggle(id)}>
            <Icon name="caret" size={11} />
            {isOpen ? "Fold" : `Show ${formatExact((model.sizes[index] ?? 1) - 1)} steps`}
          </button>
        )}
      </header>
      <EntryBody model={model} entry={entry} />
    </article>
  );
});

function EntryBody({ model, entry }: { model: TraceModel; entry: TranscriptEntry }) {
  const { data, error } = useObservation(model, entry.index, true);
  if (data === undefined) {
    return <div className={styles["pending"]}>{error === null ? "" : error.message}</div>;
  }
  return (
    <div className={styles["content"]}>
      {statusOf(model, entry.index) !== "ok" && data.detail.statusMessage !== null && (
        <pre className={styles["error"]} data-status={data.detail.status}>
          {statusStyle(data.detail.status).label}: {data.detail.statusMessage}
        </pre>
      )}
      {bodyOf(data, entry.kind)}
    </div>
  );
}

/** What is said with a line: of a turn what is new to it and its answer, of a tool its arguments and result. */
function bodyOf({ detail, large }: LoadedObservation, kind: TranscriptEntry["kind"]): ReactNode {
  const isLarge = (name: string): boolean => large[name] !== undefined;
  const tooLarge = <p className={styles["note"]}>Large: it is shown beside, when this line is selected.</p>;
  if (kind === "request") return isLarge("input") ? tooLarge : <Said value={detail.input} side="input" />;
  if (kind === "answer") return isLarge("output") ? tooLarge : <Said value={detail.output} side="output" />;
  if (kind === "turn") {
    return (
      <>
        {isLarge("input") ? null : <Said value={detail.input} side="input" isNewOnly />}
        {isLarge("output") ? tooLarge : detail.hasOutput && <Said value={detail.output} side="output" />}
      </>
    );
  }
  if (kind === "agent") {
    return (
      <>
        {detail.hasInput && !isLarge("input") && <Said value={detail.input} side="input" isNewOnly />}
        {detail.hasOutput && !isLarge("output") && <Said value={detail.output} side="output" />}
      </>
    );
  }
  return (
    <div className={styles["pair"]}>
      {detail.hasInput && (isLarge("input") ? tooLarge : <ValueView value={parseNested(detail.input)} label="input" />)}
      {detail.hasOutput && <Icon name="down" size={12} />}
      {detail.hasOutput &&
        (isLarge("output") ? tooLarge : <ValueView value={parseNested(detail.output)} label="output" />)}
    </div>
  );
}

function Said({ value, side, isNewOnly = false }: { value: unknown; side: "input" | "output"; isNewOnly?: boolean }) {
  const chat = readChat(value, side);
  if (chat === null) {
    if (isNewOnly) return null;
    const text = soleText(parseNested(value));
    return text === null ? <ValueView value={parseNested(value)} label={side} /> : <ProseView text={text} />;
  }
  const messages = side === "input" ? newMessages(chat.messages) : chat.messages;
  return messages.length === 0 ? null : <MessageList messages={messages} all={chat.messages} />;
}
