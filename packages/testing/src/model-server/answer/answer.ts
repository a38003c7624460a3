import { chooseToolCalls } from "./choose-tools.ts";
import { documentsIn, documentsInToolResult, hasDocuments } from "./documents.ts";
import type { Document } from "./documents.ts";
import { extractSentences } from "./extract.ts";
import type { Answer, Prompt, Turn } from "./prompt.ts";
import { valueForSchema } from "./schema-value.ts";
import { quoted } from "./phrases.ts";

/** A user turn beyond this is taken to carry its documents with it. */
const longTurnChars = 400;
const contextLabel = /^\s*(?:context|documents?|sources|background|excerpts?|passages?)\s*:/im;

/**
 * The whole of the stand-in's thinking: calls the tools that fit, else answers with the sentences of the prompt's documents
 * and tool results that fit the question best, naming their titles. `choice` 0 is the best answer; others differ.
 */
export function answerPrompt(prompt: Prompt, choice = 0): Answer {
  const lastUser = prompt.turns.findLast((turn) => turn.role === "user")?.text ?? "";
  const { question, context } = splitQuestion(lastUser);
  const toolCalls = chooseToolCalls(prompt, question, context);
  if (toolCalls.length > 0) return { text: "", toolCalls };

  const documents = documentsOf(prompt, context);
  const extracts = extractSentences(question, documents, choice);
  const sources = [...new Set(extracts.flatMap(({ title }) => title ?? []))];
  const said = literalRequest(question);
  let text = extracts.map(({ sentence }) => sentence).join(" ");
  if (text === "") text = said ?? nothingFound(question, documents.length);
  if (choice > 0 && (extracts.length < 2 || said !== undefined)) text += ` (choice ${choice + 1})`;

  if (prompt.format.type === "json_schema") {
    const facts = { question, text: said ?? (extracts.length > 0 ? text : context), answer: text, sources };
    return { text: JSON.stringify(valueForSchema(prompt.format.schema, facts)), toolCalls: [] };
  }
  if (prompt.format.type === "json_object") return { text: jsonObject(prompt, text, sources), toolCalls: [] };
  if (sources.length > 0) text += ` [${sources.join("] [")}]`;
  return { text, toolCalls: [] };
}

function splitQuestion(text: string): { question: string; context: string } {
  const labelled = [...text.matchAll(/^\s*(?:question|query|user question)\s*:\s*(.+)$/gim)].at(-1);
  if (labelled !== undefined) return { question: labelled[1] ?? "", context: text.replace(labelled[0], "") };
  if (text.length <= longTurnChars && !hasDocuments(text) && !contextLabel.test(text))
    return { question: text.trim(), context: "" };
  const paragraphs = text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== "");
  const last = paragraphs.at(-1) ?? "";
  const asks = /[^.!?\n]*\?/g;
  const question =
    last.match(asks)?.at(-1) ??
    paragraphs[0]?.match(asks)?.at(-1) ??
    (last.length < longTurnChars ? last : text.slice(0, longTurnChars));
  return { question: question.trim(), context: text.replace(question, "") };
}

function documentsOf(prompt: Prompt, context: string): Document[] {
  const documents = documentsIn(context);
  const names = new Map<string, string>();
  for (const turn of prompt.turns) {
    for (const [id, name] of turn.calls) names.set(id, name);
    if (turn.role === "tool")
      documents.push(...documentsInToolResult(turn.text, names.get(turn.callId ?? "") ?? "tool"));
    if (turn.role === "system") documents.push(...documentsInSystem(turn));
  }
  return documents;
}

/** Instructions are not quoted; what stands after a label or in document marks is. */
function documentsInSystem(turn: Turn): Document[] {
  const label = contextLabel.exec(turn.text);
  if (label !== null) return documentsIn(turn.text.slice(label.index + label[0].length));
  return hasDocuments(turn.text) ? documentsIn(turn.text).filter((document) => document.title !== undefined) : [];
}

/** "Say this is a test" → "This is a test." */
function literalRequest(question: string): string | undefined {
  const match =
    /^(?:please\s+)?(?:say|repeat|echo|(?:reply|respond|answer)(?:\s+with)?|return)(?:\s+(?:exactly|only|just|the words?))*\s*:?\s+(.+)$/is.exec(
      question,
    );
  const wanted = match?.[1]?.trim();
  if (wanted === undefined) return undefined;
  return quoted(wanted)[0] ?? wanted.charAt(0).toUpperCase() + wanted.slice(1) + (/[.!?]$/.test(wanted) ? "" : ".");
}

function nothingFound(question: string, documentCount: number): string {
  const where =
    documentCount === 0 ? "and the prompt holds no documents" : "and the documents in the prompt do not say";
  return `I am a local stand-in, not a language model: I answer only from documents in the prompt, ${where}. You asked: ${question.slice(0, 200)}`;
}

/** The keys the prompt asks for in quotes ("with a 'reason' key"), else `answer` and `sources`. */
function jsonObject(prompt: Prompt, answer: string, sources: string[]): string {
  const asked = prompt.turns
    .filter((turn) => turn.role !== "tool" && /\b(?:keys?|fields?|propert(?:y|ies))\b/i.test(turn.text))
    .flatMap((turn) => quoted(turn.text))
    .filter((key) => /^[A-Za-z_]\w{0,40}$/.test(key));
  if (asked.length === 0) return JSON.stringify({ answer, sources });
  return JSON.stringify(Object.fromEntries(asked.map((key) => [key, /source|citation/i.test(key) ? sources : answer])));
}
