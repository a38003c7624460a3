import { platform } from "#platform";
import { getTracer } from "../global.ts";
import { log } from "../log.ts";
import type { ObservationType, TraceAttributes } from "../model/types.ts";
import type { Observation, Tracer } from "../tracer/api.ts";
import { continueTrace } from "../tracer/propagate.ts";
import { endWithError } from "../tracer/settle.ts";
import { safely } from "../util/safely.ts";
import { timeoutOf } from "../util/timers.ts";
import { flushAfter, handOver, isHost, vercelContext, type WaitUntilHost } from "./flush-after.ts";
import { followBody, type BodyEnd } from "./follow-body.ts";
import { headersOf, incomingOf, requestLineOf, statusOf } from "./http-message.ts";

export interface WithRequestOptions<A extends readonly unknown[]> {
  /** Default: method and path, `POST /chat`; the function's name on AWS Lambda where there is no path. */
  name?: string | ((...args: A) => string) | undefined;
  /** Default `span`. */
  type?: ObservationType | undefined;
  /** Trace attributes of this request, the user say. */
  trace?: TraceAttributes | ((...args: A) => TraceAttributes) | undefined;
  /** Default: the default tracer. A function is called for each request: it may `init` with the environment it is given. */
  tracer?: Tracer | ((...args: A) => Tracer) | undefined;
  /** Default: what the handler is given (Cloudflare's `ctx`), else Vercel's. */
  waitUntil?: WaitUntilHost | undefined;
  /** Milliseconds for the flush. Default: `flushTimeoutMs` (10 s); 2 s where the answer waits for it (AWS Lambda). */
  timeoutMs?: number | undefined;
}

/** The most that an answer waits for the flush, where nothing runs after it. */
const MAX_HOLD_MS = 2_000;

/**
 * A handler that records each request: it goes on with the caller's `traceparent`, is the root of what runs inside, records
 * the status, and sends everything before the platform freezes the process, after the answer where the platform can wait. A
 * streamed answer ends its observation when it was read. Headers, query and body are not recorded.
 *
 * For handlers of `fetch` style, `(request, ...) => Response`, and for AWS Lambda's, `(event, context) => answer`. On a server
 * that stays, nothing is flushed: batches go by themselves. What the handler throws is thrown.
 *
 * @example
 * export default { fetch: withRequest(async (request, env, ctx) => new Response(await answer(request))) };
 */
export function withRequest<A extends readonly unknown[], R>(
  handler: (...args: A) => R,
  options: WithRequestOptions<A> = {},
): (...args: A) => Promise<Awaited<R>> {
  return function (this: unknown, ...args: A): Promise<Awaited<R>> {
    const call = async (): Promise<Awaited<R>> => await Reflect.apply(handler, this, args);
    const run = (): Promise<Awaited<R>> => handle<A, Awaited<R>>(call, args, options);
    return continueTrace(
      safely("withRequest", () => headersOf(incomingOf(args[0]))),
      run,
    );
  };
}

async function handle<A extends readonly unknown[], T>(
  run: () => Promise<T>,
  args: A,
  options: WithRequestOptions<A>,
): Promise<T> {
  const tracer = tracerOf(options, args);
  const root = startRoot(tracer, options, args);
  const host = hostOf(options, args);
  // Nothing runs after the answer of a Lambda; elsewhere the process stays.
  const isHeld = host === undefined && platform.env("AWS_LAMBDA_FUNCTION_NAME") !== undefined;
  const timeoutMs = timeoutOf(options) ?? (isHeld ? MAX_HOLD_MS : undefined);
  const finish = async (): Promise<void> => {
    if (host === undefined && !isHeld) return;
    const flushing = flushAfter(host, { tracer, timeoutMs });
    if (isHeld) await flushing;
  };
  let answer: T;
  try {
    answer = await tracer.runWithObservation(root, run);
  } catch (error) {
    safely("withRequest", () => endWithError(root, error));
    await finish();
    throw error;
  }
  const followed = isHeld ? undefined : safely("withRequest", () => followBody(answer, signalOf(args)));
  if (!followed) {
    endWithStatus(root, answer);
    await finish();
    return answer;
  }
  const finished = followed.ended.then((end) => {
    endWithStatus(root, answer, end);
    return host && tracer.flush({ timeoutMs });
  });
  // Told to the platform now: later it may not listen.
  handOver(host, finished);
  return followed.answer as T;
}

function startRoot<A extends readonly unknown[]>(tracer: Tracer, options: WithRequestOptions<A>, args: A): Observation {
  const { method, path } = safely("withRequest", () => requestLineOf(incomingOf(args[0]))) ?? {};
  const line = [method, path].filter((part) => part !== undefined).join(" ");
  const name = valueOf("name", options.name, args) ?? (line || platform.env("AWS_LAMBDA_FUNCTION_NAME") || "request");
  const metadata = { ...(method && { "http.request.method": method }), ...(path && { "url.path": path }) };
  const trace = valueOf("trace", options.trace, args);
  return tracer.startObservation(name, { metadata }, { type: options.type, trace });
}

function endWithStatus(root: Observation, answer: unknown, end: BodyEnd = { kind: "read" }): void {
  const status = safely("withRequest", () => statusOf(answer));
  if (status !== undefined) root.update({ metadata: { "http.response.status_code": status } });
  if (end.kind === "failed") endWithError(root, end.error);
  else if (status !== undefined && status >= 500) root.end({ level: "ERROR", statusMessage: `HTTP ${status}` });
  else if (end.kind === "cancelled") root.end({ status: "cancelled", statusMessage: "the answer was not read" });
  else root.end();
}

function tracerOf<A extends readonly unknown[]>({ tracer }: WithRequestOptions<A>, args: A): Tracer {
  return valueOf("tracer", tracer, args) ?? getTracer();
}

/** An option that is a value or made for each request. One that throws is left out: the request goes on. */
function valueOf<A extends readonly unknown[], V>(
  what: string,
  option: V | ((...args: A) => V),
  args: A,
): V | undefined {
  if (typeof option !== "function") return option;
  try {
    return (option as (...args: A) => V)(...args);
  } catch (error) {
    log.error(`withRequest: ${what}() threw`, error);
    return undefined;
  }
}

function hostOf<A extends readonly unknown[]>(
  { waitUntil }: WithRequestOptions<A>,
  args: A,
): WaitUntilHost | undefined {
  return waitUntil ?? args.find(isHost) ?? vercelContext();
}

function signalOf([first]: readonly unknown[]): AbortSignal | undefined {
  const { signal } = Object(incomingOf(first)) as { signal?: unknown };
  return signal instanceof AbortSignal ? signal : undefined;
}
