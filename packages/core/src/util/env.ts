import { platform } from "#platform";

/** A variable's value without the space around it; an empty one is not set. */
export function env(name: string): string | undefined {
  return platform.env(name)?.trim() || undefined;
}

/** Option, then the variables, then Langfuse's own default. */
export function environmentOf(option: string | undefined): string {
  return option || env("SPANWISE_ENVIRONMENT") || env("LANGFUSE_TRACING_ENVIRONMENT") || "default";
}
