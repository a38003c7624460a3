/** One agent run: agent → retriever → embedding, tool, generation with 3 KB of messages and answer. */
const sentence = "The quick brown fox jumps over the lazy dog while the band plays on in the rain. ";

export function generationInput(i) {
  return {
    messages: [
      { role: "system", content: sentence.repeat(12) },
      { role: "user", content: `${i} ${sentence.repeat(12)}` },
    ],
  };
}

export const generationOutput = { role: "assistant", content: sentence.repeat(12) };
