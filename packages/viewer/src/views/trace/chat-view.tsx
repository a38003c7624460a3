import type { Chat, ChatMessage, ChatPart, ToolCallPart, ToolDefinition, ToolResultPart } from "../../model/chat.ts";
import { isPairedResult, resultsByCallId, toolCallIds } from "../../model/chat.ts";
import { readString } from "../../model/chat-parts.ts";
import { earlierCount } from "../../model/chat-delta.ts";
import { oneLine } from "../../model/format.ts";
import { writeExact } from "../../json/exact.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Fold } from "../../ui/fold.tsx";
import { KindGlyph } from "../../ui/icons.tsx";
import { JsonTree } from "../../ui/json-tree.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { MediaView } from "./media-view.tsx";
import { visibleText } from "../../model/visible-text.ts";
import styles from "./chat-view.module.css";

const HINT_CHARS = 140;

interface ChatViewProps {
  chat: Chat;
  /** All messages of the observation, so that a call finds its result on the other side. */
  all: readonly ChatMessage[];
}

export function ChatView({ chat, all }: ChatViewProps) {
  const results = resultsByCallId(all);
  const callIds = toolCallIds(all);
  const visible = chat.messages.filter((message) => !isPairedResult(message, callIds));
  const instructions = visible.filter((message) => isInstruction(message));
  const turns = visible.filter((message) => !isInstruction(message));
  const folded = earlierCount(turns);
  // A recorded conversation is never reordered, so the place is the identity.
  /* oxlint-disable react/no-array-index-key */
  const show = (messages: readonly ChatMessage[]) =>
    messages.map((message, index) => <MessageView key={index} message={message} results={results} />);
  return (
    <div className={styles["chat"]}>
      <ToolDefinitions tools={chat.tools} />
      {instructions.map((message, index) => (
        <Fold key={index} title={`${message.role} prompt`} hint={messageText(message)}>
          {() => <MessageView message={message} results={results} />}
        </Fold>
      ))}
      {folded > 0 && (
        <Fold title={`${folded} earlier messages`}>
          {() => <div className={styles["chat"]}>{show(turns.slice(0, folded))}</div>}
        </Fold>
      )}
      {show(turns.slice(folded))}
      {chat.extra !== null && (
        <Fold title="Other fields" hint={Object.keys(chat.extra).join(", ")}>
          {() => <JsonTree value={chat.extra} label="other fields" />}
        </Fold>
      )}
    </div>
  );
}

/** What a model was offered; nothing for no tools. */
export function ToolDefinitions({ tools }: { tools: readonly ToolDefinition[] }) {
  if (tools.length === 0) return null;
  return (
    <Fold
      title={`${tools.length} tool ${tools.length === 1 ? "definition" : "definitions"}`}
      hint={tools.map((tool) => tool.name).join(", ")}
    >
      {() =>
        tools.map((tool, index) => (
          // A recorded list never changes, so the place is the identity.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} className={styles["tool"]}>
            {tool.description !== null && <p>{tool.description}</p>}
            <JsonTree value={tool.value} label={tool.name} />
          </div>
        ))
      }
    </Fold>
  );
}

/** Messages as they are, nothing folded away; calls find their results among `all`. */
export function MessageList({ messages, all }: { messages: readonly ChatMessage[]; all: readonly ChatMessage[] }) {
  const results = resultsByCallId(all);
  return (
    <div className={styles["chat"]}>
      {messages.map((message, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- as above
        <MessageView key={index} message={message} results={results} />
      ))}
    </div>
  );
}

function isInstruction(message: ChatMessage): boolean {
  return message.role === "system" || message.role === "developer";
}

function messageText(message: ChatMessage): string {
  const text = message.parts.map((part) => (part.kind === "text" ? part.text : "")).join(" ");
  return oneLine(text.slice(0, HINT_CHARS));
}

type Results = ReadonlyMap<string, ToolResultPart>;

function MessageView({ message, results }: { message: ChatMessage; results: Results }) {
  return (
    <article className={styles["message"]} data-role={message.role === "function" ? "tool" : message.role}>
      <header className={styles["role"]}>
        <span>
          {message.role}
          {message.name !== null && <span className={styles["name"]}>{message.name}</span>}
        </span>
        <div>
          <CopyButton text={() => copyable(message)} label={`Copy the ${message.role} message`} />
        </div>
      </header>
      <div className={styles["parts"]}>
        {message.parts.map((part, index) => (
          <PartView key={index} part={part} results={results} />
        ))}
        {message.extra !== null && (
          <Fold title="More fields" hint={Object.keys(message.extra).join(", ")}>
            {() => <JsonTree value={message.extra} label="more fields of the message" />}
          </Fold>
        )}
      </div>
    </article>
  );
}

function copyable(message: ChatMessage): string {
  const isText = message.parts.every((part) => part.kind === "text");
  return isText
    ? message.parts.map((part) => (part.kind === "text" ? part.text : "")).join("\n")
    : writeExact(message.parts, 2);
}

function PartView({ part, results }: { part: ChatPart; results: Results }) {
  switch (part.kind) {
    case "text":
      return <Markdown text={part.text} />;
    case "reasoning":
      return (
        <Fold title="Reasoning" hint={oneLine(part.text.slice(0, HINT_CHARS))}>
          {() => (
            <div className={styles["reasoning"]}>
              <Markdown text={part.text} />
            </div>
          )}
        </Fold>
      );
    case "media":
      return <MediaView part={part} />;
    case "tool-call":
      return <ToolCallView call={part} result={part.callId === null ? undefined : results.get(part.callId)} />;
    case "tool-result":
      return <ValueView value={part.value} label={part.name ?? "tool result"} />;
    default:
      return <JsonTree value={part.value} label="part" />;
  }
}

function ToolCallView({ call, result }: { call: ToolCallPart; result: ToolResultPart | undefined }) {
  return (
    <div className={styles["call"]}>
      <div className={styles["callHead"]}>
        <KindGlyph type="tool" size={13} />
        {call.name}
        {call.callId !== null && <span className={styles["callId"]}>{call.callId}</span>}
      </div>
      <div className={styles["callBody"]}>
        <ValueView value={call.arguments} label={`${call.name} arguments`} />
        {result !== undefined && (
          <>
            <p className={styles["callPart"]}>Result</p>
            <ValueView value={result.value} label={`${call.name} result`} />
          </>
        )}
      </div>
    </div>
  );
}

/** Text written for people: Markdown, with the attachments that were in it. */
export function ProseView({ text }: { text: string }) {
  return readString(text).map((part, index) =>
    // A recorded text never changes, so the place is the identity.
    /* oxlint-disable react/no-array-index-key */
    part.kind === "media" ? <MediaView key={index} part={part} /> : <Markdown key={index} text={part.text} />,
  );
}

/** Text as text with the attachments that were in it, everything else as a tree. */
export function ValueView({ value, label }: { value: unknown; label: string }) {
  if (typeof value !== "string") return <JsonTree value={value} label={label} />;
  // A recorded text never changes, so the place is the identity.
  /* oxlint-disable react/no-array-index-key */
  return readString(value).map((part, index) =>
    part.kind === "media" ? (
      <MediaView key={index} part={part} />
    ) : (
      // Focusable, as it may scroll.
      <pre key={index} className={styles["plain"]} tabIndex={0}>
        {visibleText(part.text)}
      </pre>
    ),
  );
}
