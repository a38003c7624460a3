import type { LangChain } from "./majors.ts";

export type GatedModel = InstanceType<LangChain["BaseChatModel"]> & {
  /** Resolves when every piece has been told and the model waits to be released. */
  readonly waits: Promise<void>;
  release: () => void;
};

/** A chat model that streams `pieces`, waits, and streams the rest of a tool call. It is LangChain's own class in everything else. */
export function createGatedModel(lc: LangChain, pieces: readonly object[]): GatedModel {
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let reached: () => void = () => {};
  const waits = new Promise<void>((resolve) => (reached = resolve));
  const rest = { content: "", tool_call_chunks: [{ type: "tool_call_chunk", index: 1, args: '"x"}' }] };

  class Gated extends lc.BaseChatModel {
    readonly waits = waits;
    readonly release = release;
    static override lc_name(): string {
      return "GatedModel";
    }
    override _llmType(): string {
      return "gated";
    }
    override async _generate(): Promise<never> {
      throw new Error("it only streams");
    }
    override async *_streamResponseChunks(
      _messages: unknown,
      _options: unknown,
      runManager?: { handleLLMNewToken(...args: unknown[]): Promise<void> },
    ): AsyncGenerator<never> {
      for (const piece of [...pieces, undefined]) {
        if (piece === undefined) {
          reached();
          await released;
        }
        const message = new lc.AIMessageChunk(piece ?? rest);
        const chunk = new lc.ChatGenerationChunk({ text: message.content as string, message });
        yield chunk as never;
        await runManager?.handleLLMNewToken(chunk.text, undefined, undefined, undefined, undefined, { chunk });
      }
    }
  }
  return new Gated({});
}
