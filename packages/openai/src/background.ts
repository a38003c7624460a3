import { followPromise, isThenable, observeLazyPromise, RunMap, safely } from "@spanwise/core/adapter";
import type { Generation } from "./generation.ts";
import { endpointOf } from "./provider.ts";
import { observeStream } from "./stream.ts";
import type { StreamAccumulator, Surface } from "./surface.ts";

/** Responses that are followed at once, in one process. Above it the one asked for the longest ago is let go. */
export const MAX_BACKGROUND = 1_000;
/** How long a response is followed after the caller last asked for it. */
export const BACKGROUND_IDLE_MS = 3_600_000;

/** Responses whose partial answer is kept to be gone on with: up to 4 Mi characters each. The others show it as it was. */
export const MAX_PARTIALS = 32;

/** A response on which the provider works without a connection. */
export interface Background {
  generation: Generation;
  surface: Surface;
  /** What a stream of it has brought so far. */
  partial?: StreamAccumulator | undefined;
}

const followed = new RunMap<Background>({
  maxRuns: MAX_BACKGROUND,
  maxAgeMs: BACKGROUND_IDLE_MS,
  onEvict: (background) => {
    withPartial.delete(background);
    background.generation.end("incomplete", background.partial?.describe(), {
      warning:
        "a background response of which the end was not asked for within an hour, or that 1000 later ones followed",
    });
  },
});

/** Those with a partial answer, the one that has had its for the longest first. */
const withPartial = new Set<Background>();

function keepPartial(background: Background, partial: StreamAccumulator): void {
  background.partial = partial;
  withPartial.delete(background);
  withPartial.add(background);
  if (withPartial.size <= MAX_PARTIALS) return;
  const [oldest] = withPartial;
  withPartial.delete(oldest!);
  if (oldest!.partial) oldest!.generation.progress(oldest!.partial.describe());
  oldest!.partial = undefined;
}

/** How many are followed now. */
export function countFollowed(): number {
  return followed.size;
}

/** Keeps the generation open until the caller's own `retrieve` or `cancel` tells how the response ended. */
export function keepInBackground(origin: string, id: string, background: Background): void {
  const key = keyOf(origin, id);
  const replaced = followed.take(key);
  if (replaced && replaced.generation !== background.generation) replaced.generation.end("incomplete");
  followed.set(key, background);
  if (background.partial) keepPartial(background, background.partial);
}

/**
 * Makes a `responses.retrieve` or `responses.cancel` of the caller's, and reads from its result how a response that is
 * followed goes on. Of any other the call passes through untouched. Nothing is asked for that the caller does not ask for.
 */
export function callFollowed(send: () => unknown, args: readonly unknown[], client: object): unknown {
  const [id, query] = args;
  const key =
    typeof id === "string" ? safely("background response", () => keyOf(endpointOf(client).origin, id)) : undefined;
  const background = key === undefined ? undefined : followed.get(key);
  const sent = send();
  if (!background || key === undefined) return sent;
  return safely("background response", () => observeAnswer(sent, key, background, query)) ?? sent;
}

function observeAnswer(sent: unknown, key: string, background: Background, query: unknown): unknown {
  if (!isThenable(sent)) return sent;
  const onParsed = (result: unknown): void => onAnswer(result, key, background, query);
  return observeLazyPromise(sent, { onParsed }) ? sent : followPromise(sent, { onResult: onParsed });
}

function onAnswer(result: unknown, key: string, background: Background, query: unknown): void {
  const { generation, surface } = background;
  if (typeof result === "object" && result !== null && Symbol.asyncIterator in result) {
    // A stream that is taken up again goes on where the last one was left; any other starts from the beginning.
    const continued = isContinued(query) ? background.partial : undefined;
    const accumulator = continued ?? surface.createStream?.();
    if (!accumulator) return;
    keepPartial(background, accumulator);
    observeStream(result, generation, accumulator, {
      // Another stream or a plain retrieve may bring the rest.
      onUnfinished: () => true,
      onEnded: () => forget(key, generation),
    });
    return;
  }
  const response = surface.describeResult(result);
  if (response.pendingId !== undefined) {
    generation.progress(response);
    return;
  }
  generation.end("ok", response);
  forget(key, generation);
}

function isContinued(query: unknown): boolean {
  return typeof query === "object" && query !== null && (query as { starting_after?: unknown }).starting_after != null;
}

/** Unless the id was given to another response in the meantime. */
function forget(key: string, generation: Generation): void {
  const background = followed.get(key);
  if (background?.generation !== generation) return;
  followed.take(key);
  withPartial.delete(background);
}

/** Ids are unique at one host. */
function keyOf(origin: string, id: string): string {
  return `${origin} ${id}`;
}
