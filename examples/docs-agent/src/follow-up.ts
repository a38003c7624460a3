import { ChatPromptTemplate } from "@langchain/core/prompts";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import { observe } from "@spanwise/core";
import { CallbackHandler } from "@spanwise/langchain";
import type OpenAI from "openai";

const State = Annotation.Root({
  question: Annotation<string>(),
  answer: Annotation<string>(),
  titles: Annotation<string[]>(),
  unused: Annotation<string[]>(),
  questions: Annotation<string[]>(),
});

const prompt = ChatPromptTemplate.fromMessages([
  ["system", "Suggest up to two questions that a reader may ask next, one a line.\n\nContext:\n{documents}"],
  ["human", "I asked: {question}\nYou answered: {answer}"],
]);

const maxQuestions = 2;

/** A LangGraph graph after the answer: which sections were not used → what to ask about them. */
export function createFollowUp(
  openai: OpenAI,
  model: string,
): (question: string, answer: string, titles: string[]) => Promise<string[]> {
  const llm = new ChatOpenAI({ model, apiKey: openai.apiKey, configuration: { baseURL: openai.baseURL } });
  const suggest = prompt.pipe(llm).pipe(new StringOutputParser());

  // A traced function inside a node: its observation is a child of the node's.
  const findUnused = observe(
    (answer: string, titles: string[]) => titles.filter((title) => !answer.includes(`[${title}]`)),
    { name: "find-unused" },
  );

  const graph = new StateGraph(State)
    .addNode("compare", ({ answer, titles }) => ({ unused: findUnused(answer, titles) }))
    .addNode("suggest", async ({ question, answer, unused }) => {
      const documents = unused.map((title) => `<document title="${title}">\n${title}\n</document>`).join("\n");
      const text = await suggest.invoke({ question, answer, documents });
      const lines = text.split("\n").map((line) => line.trim());
      return { questions: lines.filter((line) => line !== "").slice(0, maxQuestions) };
    })
    .addEdge(START, "compare")
    .addConditionalEdges("compare", ({ unused }) => (unused.length > 0 ? "suggest" : END), ["suggest", END])
    .compile({ name: "follow-up" });

  return async (question, answer, titles) => {
    const { questions } = await graph.invoke({ question, answer, titles }, { callbacks: [new CallbackHandler()] });
    return questions ?? [];
  };
}
