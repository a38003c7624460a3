import type { LangChain } from "./majors.ts";

/** A chat model whose answer is what `answer` makes of the messages. It is LangChain's own class in everything else. */
export function createScriptedModel(
  lc: LangChain,
  answer: (text: string) => unknown,
): InstanceType<LangChain["BaseChatModel"]> {
  class ScriptedModel extends lc.BaseChatModel {
    override _llmType(): string {
      return "scripted";
    }
    override async _generate(messages: { text?: unknown; content: unknown }[]): Promise<never> {
      const given = (await answer(messages.at(-1)!.content as string)) as { content: string };
      const message = new lc.AIMessage(given);
      return { generations: [{ text: given.content, message }] } as never;
    }
  }
  return new ScriptedModel({});
}
