/** Langfuse's bound. */
const MAX_ENVIRONMENT_CHARS = 40;

/** Langfuse's rule: lower case, not its own name, at most 40 characters, else `default`. */
export function readEnvironment(value: unknown): string | null {
  if (typeof value !== "string" || value === "") return null;
  const name = value
    .toLowerCase()
    .replace(/^langfuse/, "")
    .slice(0, MAX_ENVIRONMENT_CHARS);
  return /^[a-z0-9_-]+$/.test(name) ? name : "default";
}
