import { getActiveObservation, observe, startActiveObservation } from "@spanwise/core";
import { observeOpenAI } from "@spanwise/openai";
import type OpenAI from "openai";
import type { ChatCompletionMessage, ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { createDocsIndex } from "./docs-index.ts";
import { createFollowUp } from "./follow-up.ts";
import type { Page, Passage } from "./pages.ts";
import { createTools } from "./tools.ts";

export interface Answer {
  text: string;
  /** Titles of retrieved passages that the answer cites. */
  cited: string[];
  /** Questions that a reader may ask next. */
  next: string[];
  traceId: string | undefined;
}

const retrievedPassages = 4;
const instructions =
  "You answer questions about the Spanwise documentation. Use only the documents and tool results you are given, " +
  "and name the documents you used by their title in [brackets].";

/**
 * question → plan → retrieve → tools in parallel → streamed answer → feedback → further questions. `onText` gets the answer as it
 * arrives.
 */
export function createDocsAgent(
  openai: OpenAI,
  model: string,
  pages: readonly Page[],
  onText: (text: string) => void,
): (question: string) => Promise<Answer> {
  // The same client twice, so that each kind of call has its own name in the trace.
  const planner = observeOpenAI(openai, { name: "plan" });
  const writer = observeOpenAI(openai, { name: "write-answer" });
  const index = createDocsIndex(openai, pages);
  const tools = createTools(index);
  const followUp = createFollowUp(openai, model);

  async function plan(question: string): Promise<ChatCompletionMessage | undefined> {
    const completion = await planner.chat.completions.create({
      model,
      messages: [
        { role: "system", content: `${instructions} First call every tool that helps.` },
        { role: "user", content: question },
      ],
      tools: tools.map((tool) => tool.definition),
    });
    return completion.choices[0]?.message;
  }

  function retrieve(question: string): Promise<Passage[]> {
    return startActiveObservation(
      "retrieve",
      async (observation) => {
        const passages = await index.search(question, retrievedPassages);
        observation.update({ output: passages });
        return passages;
      },
      { type: "retriever", attributes: { input: question, metadata: { pages: pages.length } } },
    );
  }

  async function runTools(planned: ChatCompletionMessage | undefined): Promise<ChatCompletionMessageParam[]> {
    const calls = (planned?.tool_calls ?? []).filter((call) => call.type === "function");
    if (planned === undefined || calls.length === 0) return [];
    const results = await Promise.all(
      calls.map(async (call): Promise<ChatCompletionMessageParam> => {
        const tool = tools.find(
          ({ definition }) => definition.type === "function" && definition.function.name === call.function.name,
        );
        const result =
          tool === undefined ? { error: "no such tool" } : await tool.run(JSON.parse(call.function.arguments));
        return { role: "tool", tool_call_id: call.id, content: JSON.stringify(result) };
      }),
    );
    return [{ role: "assistant", content: null, tool_calls: calls }, ...results];
  }

  async function write(
    question: string,
    passages: Passage[],
    toolTurns: ChatCompletionMessageParam[],
  ): Promise<string> {
    const documents = passages.map(({ title, text }) => `<document title="${title}">\n${text}\n</document>`);
    const stream = await writer.chat.completions.create({
      model,
      stream: true,
      messages: [
        { role: "system", content: `${instructions}\n\nContext:\n${documents.join("\n")}` },
        { role: "user", content: question },
        ...toolTurns,
      ],
    });
    let text = "";
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta.content ?? "";
      text += delta;
      onText(delta);
    }
    return text;
  }

  async function answer(question: string): Promise<Answer> {
    const root = getActiveObservation();
    const planned = await plan(question);
    const passages = await retrieve(question);
    const toolTurns = await runTools(planned);
    const text = await write(question, passages, toolTurns);

    // Stands in for the reader: an answer that names a source can be checked, one that does not cannot.
    const titles = [...new Set(passages.map(({ title }) => title))];
    const cited = titles.filter((title) => text.includes(`[${title}]`));
    const comment = `cites ${cited.length} of ${titles.length} retrieved sections`;
    root?.score({ name: "user-feedback", value: cited.length > 0 ? 1 : 0, comment });
    const next = await followUp(question, text, titles);
    return { text, cited, next, traceId: root?.traceId };
  }

  return observe(answer, { name: "docs-agent", type: "agent" });
}
