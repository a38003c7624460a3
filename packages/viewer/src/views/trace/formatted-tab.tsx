import { useMemo } from "react";
import type { ObservationDetail, TraceDetail } from "../../api/types.ts";
import { useReadable } from "../../api/use-readable.ts";
import type { LoadedObservation } from "../../api/use-trace.ts";
import { writeExact } from "../../json/exact.ts";
import { formatCost, formatExact } from "../../model/format.ts";
import { readChat } from "../../model/read-chat.ts";
import { readTools } from "../../model/read-tools.ts";
import { statusStyle } from "../../model/status.ts";
import { cutFields } from "../../model/truncated.ts";
import { usageRows } from "../../model/usage.ts";
import { parseNested } from "../../model/json.ts";
import { Chip } from "../../ui/chip.tsx";
import { JsonTree } from "../../ui/json-tree.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { ChatView, ProseView, ToolDefinitions, ValueView } from "./chat-view.tsx";
import { Section } from "./detail-section.tsx";
import styles from "./detail-pane.module.css";

/** Kinds whose input and output are a conversation; elsewhere a plain string is a value, not a message. */
const CHAT_KINDS = new Set(["generation", "agent", "chain", "span"]);

interface FormattedTabProps {
  loaded: LoadedObservation;
  traceMetadata: TraceDetail["trace"]["metadata"];
}

export function FormattedTab({ loaded, traceMetadata }: FormattedTabProps) {
  const { detail } = loaded;
  const readable = useReadable(loaded);
  const cut = cutFields(detail);
  const isModelCall = detail.type === "generation";
  const isChatKind = CHAT_KINDS.has(detail.type);
  const input = useMemo(
    () => chatOf(readable.input.value, "input", isChatKind, isModelCall),
    [readable.input.value, isChatKind, isModelCall],
  );
  const output = useMemo(
    () => chatOf(readable.output.value, "output", isChatKind, isModelCall),
    [readable.output.value, isChatKind, isModelCall],
  );
  // Where the input has its tools itself they are shown with it.
  const tools = useMemo(
    () => ((input?.tools.length ?? 0) > 0 ? [] : readTools(detail.toolDefinitions)),
    [input, detail.toolDefinitions],
  );
  const parameters = Object.entries(detail.modelParameters ?? {}).filter(
    ([name]) => name !== "tools" || tools.length === 0,
  );
  const all = [...(input?.messages ?? []), ...(output?.messages ?? [])];
  const inputValue = parseNested(readable.input.value);
  const outputValue = parseNested(readable.output.value);
  return (
    <div className={styles["sections"]}>
      <Failure detail={detail} />
      <ToolDefinitions tools={tools} />
      {detail.hasInput && (
        <Section title="Input" isCut={cut.has("input")} isShortened={readable.input.isCut}>
          {readable.input.isLoading ? null : input === null ? (
            <PlainValue value={inputValue} label="input" isProse={isChatKind} />
          ) : (
            <ChatView chat={input} all={all} />
          )}
        </Section>
      )}
      {detail.hasOutput && (
        <Section title="Output" isCut={cut.has("output")} isShortened={readable.output.isCut}>
          {readable.output.isLoading ? null : output === null ? (
            <PlainValue value={outputValue} label="output" isProse={isChatKind} />
          ) : (
            <ChatView chat={output} all={all} />
          )}
        </Section>
      )}
      {!detail.hasInput && !detail.hasOutput && (
        <p className={styles["muted"]}>
          {detail.status === "running"
            ? "Input and output arrive when this ends."
            : "No input and no output were recorded."}
        </p>
      )}
      <UsageTable detail={detail} />
      {parameters.length > 0 && (
        <Section title="Model parameters" isCut={cut.has("modelParameters")}>
          <div className={styles["params"]}>
            {parameters.map(([name, value]) => (
              <Chip key={name} label={name}>
                {typeof value === "string" ? value : writeExact(value)}
              </Chip>
            ))}
          </div>
        </Section>
      )}
      {detail.prompt !== null && (
        <Section title="Prompt">
          <div className={styles["params"]}>
            <Chip label="name">{detail.prompt.name}</Chip>
            {detail.prompt.version !== null && <Chip label="version">{String(detail.prompt.version)}</Chip>}
          </div>
        </Section>
      )}
      {detail.metadata !== null && Object.keys(detail.metadata).length > 0 && (
        <Section title="Metadata" isCut={cut.has("metadata")}>
          <JsonTree value={detail.metadata} label="metadata" />
        </Section>
      )}
      {traceMetadata !== null && Object.keys(traceMetadata).length > 0 && (
        <Section title="Metadata of the trace">
          <JsonTree value={traceMetadata} label="metadata of the trace" />
        </Section>
      )}
    </div>
  );
}

/** What an agent or a chain says is written for people; what a tool says may be a program's output. */
function PlainValue({ value, label, isProse }: { value: unknown; label: string; isProse: boolean }) {
  if (isProse && typeof value === "string") return <ProseView text={value} />;
  return <ValueView value={value} label={label} />;
}

function chatOf(value: unknown, side: "input" | "output", isChatKind: boolean, isModelCall: boolean) {
  const isPlainText = typeof parseNested(value) === "string";
  return isChatKind && (isModelCall || !isPlainText) ? readChat(value, side) : null;
}

/** The first thing to read when something went wrong. */
function Failure({ detail }: { detail: ObservationDetail }) {
  const { status, statusMessage } = detail;
  if (status === "error") {
    return (
      <div className={styles["error"]} role="group" aria-label="Error">
        <h3>
          <StatusMark status={status} />
          Error
        </h3>
        <pre>{statusMessage ?? "No message was recorded."}</pre>
      </div>
    );
  }
  if (statusMessage === null && status !== "incomplete" && status !== "cancelled") return null;
  return (
    <div className={styles["error"]} data-tone="warn">
      <h3>
        <StatusMark status={status} />
        {statusStyle(status).label}
      </h3>
      <pre>{statusMessage ?? STATUS_HINT[status] ?? ""}</pre>
    </div>
  );
}

const STATUS_HINT: Partial<Record<string, string>> = {
  incomplete: "This was never ended: the process stopped, or nothing called end().",
  cancelled: "This was cancelled before it was done.",
};

function UsageTable({ detail }: { detail: ObservationDetail }) {
  const rows = usageRows(detail);
  if (rows.length === 0) return null;
  return (
    <Section title="Usage">
      <table className={styles["table"]}>
        <thead>
          <tr>
            <th scope="col">Bucket</th>
            <th scope="col" className={styles["number"]}>
              Tokens
            </th>
            <th scope="col" className={styles["number"]}>
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.bucket} data-total={row.bucket === "total" || undefined}>
              <td>{row.label}</td>
              <td className={styles["number"]}>{row.tokens === null ? "–" : formatExact(row.tokens)}</td>
              <td className={styles["number"]}>
                {row.cost === null && detail.cost !== null ? "–" : formatCost(row.cost)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles["muted"]}>
        {detail.costSource === "provided" && "The cost was given by the caller or the provider. "}
        {detail.costSource === "computed" && "The cost is computed from the price table. "}
        {detail.usageAggregate && "This repeats what is reported below it, and is not added to totals."}
      </p>
    </Section>
  );
}
