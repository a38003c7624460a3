/** The least that a wrapped OpenAI client can do: keep the request and the answer, or the chunks' text, of each call. */
export function wrapWithFloor(client, record) {
  const create = async (input, options) => {
    const response = await client.chat.completions.create(input, options);
    if (input.stream) return collect(response, input, record);
    record({
      type: "generation",
      name: "openai",
      model: response.model,
      input,
      output: response,
      usage: response.usage,
    });
    return response;
  };
  return { chat: { completions: { create } } };
}

async function* collect(stream, input, record) {
  let text = "";
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    yield chunk;
  }
  record({ type: "generation", name: "openai", input, output: text });
}
