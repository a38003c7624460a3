import { safely } from "@spanwise/core/adapter";
import { callFollowed } from "./background.ts";
import { callObserved } from "./call.ts";
import { COMPOSED, FOLLOWED, PLACES, RECORDED } from "./methods.ts";
import type { ObserveOpenAIOptions } from "./options.ts";
import { runsOnView } from "./own-methods.ts";
import { replacementOf, Replacements, unboundOf } from "./replacements.ts";
import { overlay } from "./tools/overlay.ts";
import { runToolsObserved, TOOL_LOOPS, type CallWith } from "./tools/run-tools.ts";

/** Under this key an observed client gives its raw client and options, also to another copy of this package. */
const OBSERVED = Symbol.for("spanwise.openai.observed");

interface Observed {
  client: object;
  options: ObserveOpenAIOptions;
}

/** Where an object stands in the client: `responses`, `chat.completions`. Empty for the client itself. */
type Place = string;

/**
 * Observes an OpenAI client: its model calls, plain and streamed, and those that `.parse()`, `.stream()` and `.runTools()` make,
 * become generations and embeddings. Works with openai 4 to 7, `AzureOpenAI`, subclasses and compatible hosts.
 *
 * `.runTools()` is recorded as a tree: an agent with its turns and a tool for each function call. Calls that a
 * subclass's own method makes through `this` are recorded where its source shows that the view can stand for it.
 *
 * What is returned is a view of `client` with the same class, type and behaviour; `client` itself stays as it is. Promises,
 * streams and errors are the client's own. `withOptions()` returns an observed copy. Observing an observed client gives the
 * same one, or, with options, one with these options in place of its own. Without a tracer, or with tracing off, calls pass
 * through untouched.
 *
 * Never throws: what cannot be observed is returned as it is.
 */
export function observeOpenAI<T>(client: T, options?: ObserveOpenAIOptions): T {
  if (typeof client !== "object" || client === null) return client;
  const view = safely("observeOpenAI", () => {
    const observed = (client as { [OBSERVED]?: Observed })[OBSERVED];
    if (!observed) return createView(client, options ?? {});
    return options ? createView(observed.client, mergeOptions(observed.options, options)) : client;
  });
  return (view ?? client) as T;
}

/** Getters stay getters: an option may be looked up at each call. */
function mergeOptions(old: ObserveOpenAIOptions, added: ObserveOpenAIOptions): ObserveOpenAIOptions {
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(old), ...Object.getOwnPropertyDescriptors(added) },
  ) as ObserveOpenAIOptions;
}

/** The views of one observed client; made once for each object, so that `client.chat === client.chat`. */
function createView(client: object, options: ObserveOpenAIOptions): object {
  const views = new WeakMap<object, object>();
  /** What each property of the client was, and what was shown for it: a call reads three of them. */
  const shown = new WeakMap<object, Map<PropertyKey, { value: object; view: object }>>();
  const replacements = new Replacements();
  /** What each view and observed method stands for. */
  const originals = new WeakMap<object, object>();

  function viewOf(owner: object, place: Place): object {
    let view = views.get(owner);
    if (!view) {
      // What a proxy shows of a frozen target must be the target's own, so a frozen object stands beside it.
      view = Object.isFrozen(owner)
        ? overlay(owner, (key, value) => show(owner, key, value, place))
        : new Proxy(owner, { get: (target, key) => read(target, key, place), set: write, defineProperty: define });
      views.set(owner, view);
      originals.set(view, owner);
    }
    return view;
  }

  function read(owner: object, key: PropertyKey, place: Place): unknown {
    // The getter runs on the real object, which has the private fields.
    const value: unknown = Reflect.get(owner, key, owner);
    return isFixed(owner, key) ? value : show(owner, key, value, place);
  }

  function show(owner: object, key: PropertyKey, value: unknown, place: Place): unknown {
    if (key === OBSERVED) return { client, options } satisfies Observed;
    // Of a client that is a proxy itself the resources have the client behind it.
    if (key === "_client" && place !== "" && typeof value === "object" && value !== null) return viewOf(value, "");
    if (key === "constructor" || value === null || (typeof value !== "function" && typeof value !== "object"))
      return value;
    let known = shown.get(owner);
    if (!known) shown.set(owner, (known = new Map()));
    const cached = known.get(key);
    if (cached?.value === value) return cached.view;
    const inside = pathOf(place, key);
    if (typeof value !== "function" && !PLACES.has(inside)) return value;
    const view = typeof value === "function" ? methodView(owner, key, value, place, inside) : viewOf(value, inside);
    known.set(key, { value, view });
    return view;
  }

  function methodView(owner: object, key: PropertyKey, method: object, place: Place, path: string): object {
    const view = new Proxy(method as (...args: unknown[]) => unknown, {
      apply: (target, self: unknown, args) => invoke(target, owner, key, place, path, self, args),
    });
    originals.set(view, method);
    return view;
  }

  /** What was read from the view and is put back, as a patch is taken off, is put back as it was. */
  function originalOf(value: unknown): unknown {
    return (typeof value === "object" || typeof value === "function") && value !== null
      ? (originals.get(value) ?? value)
      : value;
  }

  function write(owner: object, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(owner, key, originalOf(value), owner);
  }

  function define(owner: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    const given = "value" in descriptor ? { ...descriptor, value: originalOf(descriptor.value) } : descriptor;
    return Reflect.defineProperty(owner, key, given);
  }

  function invoke(
    method: (...args: unknown[]) => unknown,
    owner: object,
    key: PropertyKey,
    place: Place,
    path: string,
    self: unknown,
    args: unknown[],
  ): unknown {
    // Called on the view it runs on the real object; called on anything else it does what it would do there.
    const isOurs = self === views.get(owner);
    const receiver = isOurs ? owner : self;
    if (!isOurs) return Reflect.apply(method, receiver, args);
    const send = (...sent: unknown[]): unknown => Reflect.apply(method, receiver, sent);
    const surface = Object.hasOwn(RECORDED, path) ? RECORDED[path] : undefined;
    if (surface) {
      const replacement = replacementOf(owner, key);
      if (!replacement) return callObserved(surface, send, args, client, options);
      // The caller's replacement is recorded, not what it calls in its turn.
      if (replacement !== method && replacements.isRunning(replacement)) return send(...args);
      const tracked = (...sent: unknown[]): unknown => replacements.run(replacement, () => send(...sent));
      return callObserved(surface, tracked, args, client, options, { asGiven: true });
    }
    if (FOLLOWED.has(path)) return callFollowed(() => send(...args), args, client);
    const loopName = TOOL_LOOPS.get(path);
    if (loopName !== undefined) {
      const callWith: CallWith = (turnOptions, sent) => {
        const runsOn = turnOptions === options ? self : objectAt(createView(client, turnOptions), place);
        return Reflect.apply(unboundOf(owner, key, method), runsOn, sent);
      };
      return runToolsObserved(loopName, callWith, args, options);
    }
    if (COMPOSED.has(path)) return Reflect.apply(unboundOf(owner, key, method), self, args);
    if (owner === client && path !== "withOptions" && safely("own method", () => runsOnView(client, key, method)))
      return Reflect.apply(method, self, args);
    const result: unknown = send(...args);
    // A method that returns its object, to be called on, returns what it was called on.
    if (result === owner) return self;
    return path === "withOptions" ? observeOpenAI(result, options) : result;
  }

  return viewOf(client, "");
}

function pathOf(place: Place, key: PropertyKey): string {
  const name = String(key);
  return place === "" ? name : `${place}.${name}`;
}

function objectAt(client: object, place: Place): unknown {
  return place.split(".").reduce<unknown>((owner, name) => (owner as Record<string, unknown>)[name], client);
}

/** A proxy must give such a property as it is. */
function isFixed(owner: object, key: PropertyKey): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  return descriptor !== undefined && !descriptor.configurable && !descriptor.writable && "value" in descriptor;
}
