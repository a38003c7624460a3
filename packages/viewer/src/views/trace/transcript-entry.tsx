import { memo, type ReactNode, useState } from "react";
import { useCutValue } from "../../api/use-readable.ts";
import { type LoadedObservation, useObservation } from "../../api/use-trace.ts";
import { soleText } from "../../model/chat.ts";
import { newMessages } from "../../model/chat-delta.ts";
import { formatDuration, formatExact, formatTotalCost } from "../../model/format.ts";
import { parseNested } from "../../model/json.ts";
import { readChat } from "../../model/read-chat.ts";
import { statusStyle } from "../../model/status.ts";
import { modelOf, statusOf, subtreeSum, type TraceModel, idOf } from "../../trace/model.ts";
import type { TranscriptEntry } from "../../trace/transcript.ts";
import type { LargeValue } from "../../workers/protocol.ts";
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
function bodyOf(loaded: LoadedObservation, kind: TranscriptEntry["kind"]): ReactNode {
  const { hasInput, hasOutput } = loaded.detail;
  const part = (side: Side, show: (value: unknown) => ReactNode): ReactNode => (
    <Part loaded={loaded} side={side} show={show} />
  );
  const whole = (side: Side) => part(side, (value) => <Said value={value} side={side} />);
  const news = part("input", (value) => <Said value={value} side="input" isNewOnly />);
  if (kind === "request") return whole("input");
  if (kind === "answer") return whole("output");
  if (kind === "turn" || kind === "agent") {
    return (
      <>
        {hasInput && news}
        {hasOutput && whole("output")}
      </>
    );
  }
  const plain = (side: Side) => part(side, (value) => <ValueView value={parseNested(value)} label={side} />);
  return (
    <div className={styles["pair"]}>
      {hasInput && plain("input")}
      {hasOutput && <Icon name="down" size={12} />}
      {hasOutput && plain("output")}
    </div>
  );
}

type Side = "input" | "output";

interface PartProps {
  loaded: LoadedObservation;
  side: Side;
  show: (value: unknown) => ReactNode;
}

/** An input or output. One that is large is shown when asked for, with its longest parts cut. */
function Part({ loaded: { detail, large }, side, show }: PartProps) {
  const value = large[side];
  return value === undefined ? show(detail[side]) : <LargePart value={value} side={side} show={show} />;
}

function LargePart({ value, side, show }: Omit<PartProps, "loaded"> & { value: LargeValue }) {
  const [isWanted, setIsWanted] = useState(false);
  const cut = useCutValue(value, isWanted);
  if (cut.data !== undefined) {
    return (
      <>
        {show(cut.data)}
        <p className={styles["note"]}>Its longest parts are cut; beside, the JSON view has all of it.</p>
      </>
    );
  }
  return (
    <p className={styles["note"]}>
      The {side} is large.{" "}
      <button type="button" className={styles["more"]} disabled={isWanted} onClick={() => setIsWanted(true)}>
        {isWanted && cut.error === null ? "Reading it …" : "Show it here"}
      </button>{" "}
      {cut.error?.message}
    </p>
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
