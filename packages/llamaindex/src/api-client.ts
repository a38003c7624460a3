import { followPromise, isThenable, observeLazyPromise, safely, tapAsyncIterable } from "@spanwise/core/adapter";
import { fieldsOf, hasMethod, isObject, type Fields } from "./fields.ts";
import type { Instrumentation } from "./instrumentation.ts";
import { readOr } from "./llm-request.ts";
import type { Run } from "./run.ts";
import { isStream } from "./stream.ts";

/** Methods of the providers' clients whose replies hold what LlamaIndex's adapters drop. */
const METHODS = [
  ["embeddings", "create"], // OpenAI, Mistral
  ["messages", "create"], // Anthropic
  ["chat", "stream"], // Mistral
] as const;

type Listener = (reply: unknown) => void;

const listeners = new WeakMap<Run, Listener>();

/**
 * Tells `listen` of every reply, or event of a streamed reply, that the API client of `model` gets during `run`. The client is
 * asked for first: it is made once, and whoever waits first for it hears first. `listen` must not refer to the model.
 */
export function hearReplies(instrumentation: Instrumentation, model: object, run: Run, listen: Listener): void {
  const client = clientOf(model);
  if (!isObject(client)) return;
  listeners.set(run, listen);
  if (!isThenable(client)) return watchClient(instrumentation, client);
  // A client that cannot be made fails the model's own call, which waits for it too.
  void client.then(
    (made) => safely("replies of a client", () => watchClient(instrumentation, made)),
    () => {},
  );
}

/** `session` is the client or the promise of one (OpenAI), holds it (Anthropic), or makes it (Mistral). */
function clientOf(model: object): unknown {
  const session = readOr(() => (model as Fields)["session"]);
  if (!isObject(session) || isThenable(session)) return session;
  if (isObject(session["anthropic"])) return session["anthropic"];
  return hasMethod(session, "getClient") ? (session["getClient"] as () => unknown)() : session;
}

function watchClient({ recorder, patches }: Instrumentation, client: unknown): void {
  for (const [part, method] of METHODS) {
    const owner = readOr(() => fieldsOf(client)[part]);
    if (!isObject(owner)) continue;
    patches.around(owner, method, (_self, _args, call) => {
      const claim = recorder.claim();
      const listen = claim !== undefined && claim !== "foreign" ? listeners.get(claim) : undefined;
      const reply = call();
      return listen && isObject(reply) ? followReply(reply, listen) : reply;
    });
  }
}

/** The reply itself where it is a request that is made lazily, else the promise that follows it. */
function followReply(reply: object, listen: Listener): unknown {
  const onParsed = listenerOfReply(listen);
  if (safely("replies of a client", () => observeLazyPromise(reply, { onParsed })) === true) return reply;
  return isThenable(reply) ? followPromise(reply, { onResult: onParsed, onError: () => {} }) : reply;
}

/** Made where the reply is not in sight: what listens to a lazy request must not keep it from being collected. */
function listenerOfReply(listen: Listener): Listener {
  return (parsed) => {
    if (!isObject(parsed) || !isStream(parsed)) return listen(parsed);
    // The field in which a Stainless-generated client keeps what its stream is made of.
    tapAsyncIterable(parsed, { onItem: listen, onEnd: () => {} }, "iterator");
  };
}
