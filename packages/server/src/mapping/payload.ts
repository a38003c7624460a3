import type { AttributeValue, OtlpSpan } from "../ingest/otlp-span.ts";
import { isSame, type MappedAttributes } from "./attribute-mapper.ts";
import { unflatten } from "./flat-list.ts";
import { readEventList, readMessageEvents, withSystem } from "./messages.ts";
import type { Field, ListField } from "./table.ts";
import { parseScalar, parseStructure, readJsonPayload, readLoosePayload, type PayloadReader } from "./values.ts";
import { describeVectors } from "./vectors.ts";

interface Payloads {
  /** JSON texts. */
  input: string | null;
  output: string | null;
}

/**
 * What went in and what came out, from the best source that the span has: a field that is one, its events, a value with a MIME type, a
 * list that was sent flattened. Flattened leaves that end up in neither are put back among the attributes.
 */
export function readInputOutput(span: OtlpSpan, mapped: MappedAttributes, readPayload: PayloadReader): Payloads {
  const { fields } = mapped;
  const told = readTold(span, mapped);
  const input = withSystem(told.input, fields.systemInstructions);
  const output = told.output ?? readAnswer(mapped);
  if (told.output !== undefined) giveBackOthers(mapped, told.output, ANSWER_PARTS);
  if (input !== undefined) giveBackOthers(mapped, told.input, ["inputValue", "inputMime"]);
  if (output !== undefined) giveBackOthers(mapped, output, ["outputValue", "outputMime"]);
  const payloads = {
    input:
      readPayload(input) ?? readInputValue(mapped) ?? readList(mapped, ["prompts", "inputMessages", "rerankInput"]),
    output:
      readPayload(output) ??
      readOutputValue(mapped) ??
      readList(mapped, ["completions", "outputMessages", "rerankOutput", "documents"]),
  };
  if (payloads.input === null) payloads.input = readLoosePayload(fields.rerankQuery);
  else mapped.giveBack("rerankQuery");
  if (payloads.input !== null) mapped.giveBack("embeddedValues");
  if ((fields.vectors ?? fields.embeddedValues ?? mapped.lists.embeddings) !== undefined) addVectors(payloads, mapped);
  addBlank(payloads, mapped);
  keepUnread(mapped);
  return payloads;
}

const ANSWER_PARTS: readonly Field[] = ["answerText", "answerReasoning", "answerToolCalls", "answerObject"];

/** What another source was better than stays an attribute, where it says something else. */
function giveBackOthers(
  { fields, giveBack }: MappedAttributes,
  used: AttributeValue | undefined,
  others: readonly Field[],
): void {
  for (const field of others) if (!isSame(fields[field], used)) giveBack(field);
}

/** An empty text is the answer where there is no other, and an attribute otherwise. */
function addBlank(payloads: Payloads, { blank, rest }: MappedAttributes): void {
  for (const side of ["input", "output"] as const) {
    if (blank[side] === null) continue;
    if (payloads[side] === null) payloads[side] = '""';
    else rest.set(blank[side], "");
  }
}

function readTold(
  span: OtlpSpan,
  { fields, giveBack }: MappedAttributes,
): { input?: AttributeValue | undefined; output?: AttributeValue | undefined } {
  const { input, output } = fields;
  // The list is read where it is all there is, and kept.
  giveBack("eventList");
  if (input !== undefined && output !== undefined) return { input, output };
  const fromEvents = span.events.length === 0 ? {} : readMessageEvents(span.events);
  const fromList = fields.eventList === undefined ? {} : readEventList(fields.eventList);
  return {
    input: input ?? fromEvents.input ?? fromList.input,
    output: output ?? fromEvents.output ?? fromList.output,
  };
}

/** The AI SDK sends an answer in parts. Text alone is the answer; with calls or reasoning it is a message. */
function readAnswer({ fields, giveBack }: MappedAttributes): AttributeValue | undefined {
  const { answerText, answerReasoning, answerToolCalls, answerObject } = fields;
  const calls = typeof answerToolCalls === "string" ? parseStructure(answerToolCalls) : answerToolCalls;
  if (!Array.isArray(calls)) giveBack("answerToolCalls");
  if (answerText !== undefined && !isSame(answerObject, answerText)) giveBack("answerObject");
  if (!Array.isArray(calls) && answerReasoning === undefined) return answerText ?? answerObject;
  return {
    role: "assistant",
    content: answerText ?? answerObject ?? null,
    ...(answerReasoning === undefined ? {} : { reasoning: answerReasoning }),
    ...(Array.isArray(calls) ? { tool_calls: calls.map(toToolCall) } : {}),
  };
}

/** Arguments are `args` in major 4 of the AI SDK and `input` after it; all other members stay. */
function toToolCall(call: AttributeValue): AttributeValue {
  if (typeof call !== "object" || call === null || Array.isArray(call)) return call;
  const { toolCallId, toolName, args, input, toolCallType: _, ...others } = call;
  if (typeof toolName !== "string") return call;
  const given = args ?? input ?? null;
  const text = typeof given === "string" ? given : JSON.stringify(given);
  return { id: toolCallId ?? null, type: "function", function: { name: toolName, arguments: text }, ...others };
}

/** LangChain's own serialisation of messages, which says in ten lines what the flattened messages say in one. */
const LANGCHAIN_DUMP = '"lc":1';

function readInputValue({ fields, lists, rest }: MappedAttributes): string | null {
  const { inputValue, inputMime } = fields;
  if (inputValue === undefined) return null;
  if (lists.inputMessages === undefined || !isLangChainDump(inputValue)) return readWithMime(inputValue, inputMime);
  rest.set("input.value", inputValue);
  return null;
}

function readOutputValue({ fields, lists, rest }: MappedAttributes): string | null {
  const { outputValue, outputMime } = fields;
  if (outputValue === undefined) return null;
  if (lists.outputMessages === undefined || !isLangChainDump(outputValue)) return readWithMime(outputValue, outputMime);
  rest.set("output.value", outputValue);
  return null;
}

function isLangChainDump(value: AttributeValue): boolean {
  return typeof value === "string" && value.includes(LANGCHAIN_DUMP);
}

function readWithMime(value: AttributeValue, mime: AttributeValue | undefined): string | null {
  if (mime === "application/json") return readJsonPayload(value);
  return mime === "text/plain" ? JSON.stringify(value) : readLoosePayload(value);
}

const ANSWERS: ReadonlySet<ListField> = new Set<ListField>(["completions", "outputMessages"]);

/** The first of the lists that was sent; a message of the model alone is the answer, and not a list of one. */
function readList(mapped: MappedAttributes, names: readonly ListField[]): string | null {
  for (const name of names) {
    const leaves = mapped.lists[name];
    if (leaves === undefined) continue;
    delete mapped.lists[name];
    const { items, misfits } = unflatten(leaves);
    for (const { key, value } of misfits) mapped.rest.set(key, value);
    const read = items.map(readContent);
    const [only] = read;
    return JSON.stringify(ANSWERS.has(name) && read.length === 1 ? only : read);
  }
  return null;
}

/** A message's content with several parts arrives as JSON text. */
function readContent(item: AttributeValue): AttributeValue {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
  const { content } = item;
  if (typeof content !== "string" || !content.startsWith('[{"type"')) return item;
  return { ...item, content: parseStructure(content) ?? content };
}

/** Vectors are named by number and size: nobody reads them, and they weigh more than all else. */
function addVectors(payloads: Payloads, mapped: MappedAttributes): void {
  const { fields, lists, rest } = mapped;
  const texts = embeddedTexts(mapped);
  payloads.input ??= texts === null ? null : JSON.stringify(texts);
  const vectors: AttributeValue[] = [];
  if (Array.isArray(fields.vectors)) vectors.push(...fields.vectors);
  else if (fields.vectors !== undefined) vectors.push(fields.vectors);
  for (const { key, path, value } of lists.embeddings ?? []) {
    if (path.at(-1) === "vector") vectors.push(value);
    else if (payloads.input === null || path.at(-1) !== "text") rest.set(key, value);
  }
  delete lists.embeddings;
  if (vectors.length > 0) payloads.output ??= JSON.stringify(describeVectors(vectors));
}

function embeddedTexts({ fields, lists }: MappedAttributes): AttributeValue[] | null {
  const { embeddedValues } = fields;
  if (embeddedValues !== undefined) {
    const values = Array.isArray(embeddedValues) ? embeddedValues : [embeddedValues];
    return values.map((value) => (typeof value === "string" ? parseScalar(value) : value));
  }
  const texts = (lists.embeddings ?? []).filter(({ path }) => path.at(-1) === "text").map(({ value }) => value);
  return texts.length === 0 ? null : texts;
}

/** Evaluations are read as scores; all other lists that nobody took stay attributes. */
function keepUnread({ lists, rest }: MappedAttributes): void {
  for (const leaves of Object.values(lists)) for (const { key, value } of leaves) rest.set(key, value);
}
