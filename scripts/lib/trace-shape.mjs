/** What the checks of the example's programs share. */

/** Of every program: one agent at the root, whole and well ended, with tokens and cost where a model answered. */
export function findCommonProblem({ trace, observations }) {
  const roots = observations.filter(({ parentId }) => parentId === null);
  const ids = new Set(observations.map(({ id }) => id));
  const streamed = observations.filter(
    ({ type, completionStartTime }) => type === "generation" && completionStartTime !== null,
  );

  if (roots.length !== 1 || roots[0].type !== "agent") return "the root is not one agent";
  if (observations.some(({ parentId }) => parentId !== null && !ids.has(parentId))) return "a parent is missing";
  if (observations.some(({ status }) => status !== "ok")) return "an observation did not end well";
  for (const type of ["retriever", "embedding"]) {
    if (!observations.some((observation) => observation.type === type)) return `no ${type}`;
  }
  if (streamed.length === 0) return "no streamed generation";
  if (!(streamed.at(-1).usage?.input > 0 && streamed.at(-1).usage?.output > 0))
    return "the streamed generation has no tokens";
  if (!(streamed.at(-1).cost?.total > 0)) return "the streamed generation has no cost";
  if (!(trace.cost > 0)) return "the trace has no cost";
  return undefined;
}

export function isBelow({ parentId }, ancestorId, observations) {
  if (parentId === ancestorId) return true;
  const parent = observations.find(({ id }) => id === parentId);
  return parent !== undefined && isBelow(parent, ancestorId, observations);
}
