/** Quill, a framework that does not exist: steps with hooks, and a model that answers at once or as a stream. */

export interface QuillStep {
  id: string;
  parentId?: string | undefined;
  kind: "flow" | "tool";
  name: string;
  input: unknown;
}

export interface QuillHooks {
  onStepStart(step: QuillStep): void;
  onStepEnd(id: string, output: unknown): void;
  onStepError(id: string, error: unknown): void;
}

export interface QuillRequest {
  model: string;
  prompt: string;
  /** The step that asks. */
  stepId?: string | undefined;
  stream?: boolean | undefined;
}

export interface QuillReply {
  text: string;
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  /** With `stream`, in place of `text`. */
  chunks?: AsyncIterable<string> | undefined;
}

const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

export class Quill {
  readonly hooks = new Set<QuillHooks>();
  #lastId = 0;

  readonly model = {
    generate: async (request: QuillRequest): Promise<QuillReply> => {
      await Promise.resolve();
      if (request.prompt === "fail") throw new Error("the model is away");
      const text = `answer to ${request.prompt}`;
      if (!request.stream) return { text, usage: USAGE };
      async function* chunks(): AsyncGenerator<string> {
        for (const word of text.split(" ")) yield `${word} `;
      }
      return { text: "", usage: USAGE, chunks: chunks() };
    },
  };

  /** Runs `body` as a step and tells the hooks. */
  async step<T>(step: Omit<QuillStep, "id">, body: (id: string) => Promise<T>): Promise<T> {
    const id = String(++this.#lastId);
    for (const hooks of this.hooks) hooks.onStepStart({ ...step, id });
    try {
      const output = await body(id);
      for (const hooks of this.hooks) hooks.onStepEnd(id, output);
      return output;
    } catch (error) {
      for (const hooks of this.hooks) hooks.onStepError(id, error);
      throw error;
    }
  }
}
