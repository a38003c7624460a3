/** The least that a LangChain handler can do: keep input and output of each run, as they come. */
export function createFloorHandler({ start, end }) {
  const runs = new Map();
  const onStart = (_serialized, input, runId, parentRunId) => {
    runs.set(runId, { ...start(runs.get(parentRunId)), parentRunId, input });
  };
  const onEnd = (output, runId) => {
    const run = runs.get(runId);
    runs.delete(runId);
    if (run) end(run, { output });
  };
  return {
    name: "floor",
    awaitHandlers: true,
    handleChainStart: onStart,
    handleChatModelStart: onStart,
    handleToolStart: onStart,
    handleChainEnd: onEnd,
    handleLLMEnd: onEnd,
    handleToolEnd: onEnd,
  };
}
