import { safely } from "@spanwise/core/adapter";
import { isFields, stringOf, type Fields } from "../fields.ts";
import { overlay } from "./overlay.ts";
import type { ToolLoop, ToolRun } from "./tool-loop.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/**
 * The arguments of a tool runner, with functions in them that record their calls. The caller's objects stay as they are,
 * each function is called once with the `this` and arguments that the runner would give it, and what is sent is the same.
 */
export function observeTools(body: object, loop: ToolLoop): object {
  const observer = new ToolObserver(loop);
  return overlay(body, (key, value) => {
    // Read anew each time: the runner looks at the list after its call has returned.
    if (key === "tools" && Array.isArray(value)) return value.map((tool: unknown) => observer.observeTool(tool));
    // The predecessor of tools, in openai 4.
    if (key === "functions" && Array.isArray(value)) return value.map((fn: unknown) => observer.observeRunnable(fn));
    return value;
  });
}

class ToolObserver {
  readonly #loop: ToolLoop;
  readonly #views = new WeakMap<object, object>();

  constructor(loop: ToolLoop) {
    this.#loop = loop;
  }

  /** `{ type: "function", function: { function, parse } }`, or what `zodFunction` makes: `$callback` and `$parseRaw`. */
  observeTool(tool: unknown): unknown {
    // Tools of other types are sent as they are, so the caller's own object goes on.
    if (!isFields(tool) || tool["type"] !== "function") return tool;
    return this.#once(tool, () => {
      const view = overlay(tool, (key, value) => {
        if (key === "$callback") return own.observeFunction(value);
        if (key === "$parseRaw") return own.observeParse(value);
        return key === "function" ? this.observeRunnable(value) : value;
      });
      const own = this.#functionsOf(
        () => nameOf(tool["function"]),
        (self) => (self === view ? tool : self),
      );
      return view;
    });
  }

  /** `{ name, function, parse }`. */
  observeRunnable(runnable: unknown): unknown {
    if (!isFields(runnable)) return runnable;
    return this.#once(runnable, () => {
      const view = overlay(runnable, (key, value) => {
        if (key === "function") return own.observeFunction(value);
        return key === "parse" ? own.observeParse(value) : value;
      });
      const own = this.#functionsOf(
        () => nameOf(runnable),
        (self) => (self === view ? runnable : self),
      );
      return view;
    });
  }

  #functionsOf(name: () => string, receiverOf: (self: unknown) => unknown): ObservedFunctions {
    return new ObservedFunctions(this.#loop, name, receiverOf);
  }

  #once(original: object, make: () => object): object {
    let view = this.#views.get(original);
    if (!view) this.#views.set(original, (view = make()));
    return view;
  }
}

/** The two functions of one tool. Its arguments may be parsed first, which begins the call; some calls end there. */
class ObservedFunctions {
  readonly #loop: ToolLoop;
  readonly #name: () => string;
  /** The caller's own object, where the runner calls on our view of it. */
  readonly #receiverOf: (self: unknown) => unknown;
  /** Calls whose arguments are parsed and whose function was not called yet. */
  readonly #parsed: { value: unknown; run: ToolRun }[] = [];
  readonly #views = new WeakMap<object, object>();

  constructor(loop: ToolLoop, name: () => string, receiverOf: (self: unknown) => unknown) {
    this.#loop = loop;
    this.#name = name;
    this.#receiverOf = receiverOf;
  }

  observeParse(parse: unknown): unknown {
    return this.#proxyOf(parse, (target, self, args) => {
      // A streamed turn also parses what has come so far, which no call asks for yet.
      const call = safely("tool observer", () =>
        typeof args[0] === "string" ? this.#loop.take(this.#name(), args[0]) : undefined,
      );
      const run = call && safely("tool observer", () => this.#loop.startTool(this.#name(), call));
      if (!run) return Reflect.apply(target, self, args);
      return run.call(target, self, args, (value) => this.#parsed.push({ value, run }));
    });
  }

  observeFunction(fn: unknown): unknown {
    return this.#proxyOf(fn, (target, self, args) => {
      const run = safely("tool observer", () => this.#takeParsed(args[0]) ?? this.#startUnparsed(args[0]));
      if (!run) return Reflect.apply(target, self, args);
      return run.call(target, self, args, (result) => run.succeed(result));
    });
  }

  #takeParsed(value: unknown): ToolRun | undefined {
    const at = this.#parsed.findIndex((entry) => Object.is(entry.value, value));
    return at < 0 ? undefined : this.#parsed.splice(at, 1)[0]!.run;
  }

  #startUnparsed(given: unknown): ToolRun {
    const name = this.#name();
    const call = this.#loop.take(name, given) ?? this.#loop.take(name, undefined);
    return this.#loop.startTool(name, call, given);
  }

  #proxyOf(fn: unknown, apply: (target: AnyFunction, self: unknown, args: unknown[]) => unknown): unknown {
    if (typeof fn !== "function") return fn;
    let view = this.#views.get(fn);
    if (!view) {
      view = new Proxy(fn as AnyFunction, {
        apply: (target, self: unknown, args) => apply(target, this.#receiverOf(self), args),
      });
      this.#views.set(fn, view);
    }
    return view;
  }
}

/** As the runner names a function. */
function nameOf(runnable: unknown): string {
  if (!isFields(runnable)) return "";
  const { name, function: fn } = runnable as Fields & { function?: { name?: unknown } };
  return stringOf(name) || stringOf(fn?.name) || "";
}
