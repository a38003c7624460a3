/** Byte-pair encoding with the vocabularies OpenAI published. */
export interface Tokenizer {
  count(text: string): number;
  encode(text: string): number[];
  decode(tokens: readonly number[]): string;
  /** The text of each token; a character that spans tokens comes with its last one, so that every piece is valid UTF-16. */
  pieces(text: string): string[];
}

interface Encoding {
  encode(text: string): number[];
  decode(tokens: Iterable<number>): string;
}

const loaded = new Map<"o200k" | "cl100k", Promise<Tokenizer>>();

/** The vocabularies take about 0.1 s each to load, so each is loaded when a model first needs it. */
export async function tokenizerFor(model: string): Promise<Tokenizer> {
  const name = /^(gpt-3|gpt-4(-|$)|text-embedding|davinci|babbage)/.test(model) ? "cl100k" : "o200k";
  let tokenizer = loaded.get(name);
  if (tokenizer === undefined) {
    tokenizer = (
      name === "cl100k" ? import("gpt-tokenizer/encoding/cl100k_base") : import("gpt-tokenizer/encoding/o200k_base")
    ).then(createTokenizer);
    loaded.set(name, tokenizer);
  }
  return await tokenizer;
}

function createTokenizer(encoding: Encoding): Tokenizer {
  return {
    count: (text) => encoding.encode(text).length,
    encode: (text) => encoding.encode(text),
    decode: (tokens) => encoding.decode(tokens),
    pieces(text) {
      const pieces: string[] = [];
      let pending: number[] = [];
      for (const token of encoding.encode(text)) {
        pending.push(token);
        const piece = encoding.decode(pending);
        if (piece.includes("\uFFFD")) continue;
        pieces.push(piece);
        pending = [];
      }
      if (pending.length > 0) pieces.push(encoding.decode(pending));
      return pieces;
    },
  };
}
