import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTracer, memory, observe, startActiveObservation, type Tracer } from "../../src/index.ts";

const exporter = memory();
let tracer: Tracer;

beforeEach(() => {
  exporter.clear();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
});
afterEach(() => tracer.shutdown());

describe("an observed function is the function that it observes", () => {
  test("own properties, name, length, prototype, source", () => {
    const add = (a: number, b: number): number => a + b;
    const fn = Object.assign(add, { cancel: () => "cancelled", schema: 1 });
    const observed = observe(fn, { tracer, name: "other" });
    expect(Object.keys(observed)).toEqual(["cancel", "schema"]);
    expect([observed.cancel(), observed.name, observed.length]).toEqual(["cancelled", "add", 2]);
    expect("prototype" in observed).toBe(false);
    expect(String(observed)).toBe(String(fn));
    expect(observed.toString).toBe(observed.toString);
    expect(String(observe(observed, { tracer }))).toBe(String(fn));
    expect(observed(1, 2)).toBe(3);
  });

  test("a toString of its own", () => {
    const fn = Object.assign(() => 1, { toString: () => "mine" });
    expect(String(observe(fn, { tracer }))).toBe("mine");
  });

  test("new: the same instances, new.target, subclasses", async () => {
    class Base {
      readonly target: unknown;
      constructor() {
        this.target = new.target;
      }
    }
    const Observed = observe(Base as unknown as () => void, { tracer }) as unknown as typeof Base;
    class Sub extends Observed {}
    expect(new Observed()).toBeInstanceOf(Base);
    expect(new Observed().target).toBe(Base);
    expect(new Sub().target).toBe(Sub);
    await tracer.flush();
    expect(exporter.observations).toEqual([]);
  });

  test("a class with private statics is handed back as it is", () => {
    class Counter {
      static #made = 0;
      readonly kind = "counter";
      static get made(): number {
        return this.#made;
      }
      static make(): Counter {
        this.#made++;
        return new this();
      }
    }
    const Observed = observe(Counter as unknown as () => void, { tracer }) as unknown as typeof Counter;
    expect(Observed.make()).toBeInstanceOf(Observed);
    expect(Observed.made).toBe(1);
    expect(new Observed().constructor).toBe(Observed);
  });

  test("methods whose names begin like a class are observed", async () => {
    const methods = { class() {}, classify() {} };
    for (const fn of Object.values(methods)) observe(fn, { tracer })();
    await tracer.flush();
    expect(exporter.observations.map(({ name }) => name)).toEqual(["class", "classify"]);
  });

  test("this and arguments", () => {
    const owner = {
      base: 1,
      add: observe(
        function (this: { base: number }, more: number) {
          return this.base + more;
        },
        { tracer, name: "add" },
      ),
    };
    expect(owner.add(2)).toBe(3);
    expect(owner.add.call({ base: 5 }, 1)).toBe(6);
  });
});

describe("our own failures stay ours", () => {
  test("options of null", () => {
    expect(startActiveObservation("n", () => 1, null as never)).toBe(1);
    expect(observe(() => 1, null as never)()).toBe(1);
  });

  test("a tracer that throws", () => {
    const broken = new Proxy({} as Tracer, {
      get: () => {
        throw new Error("broken");
      },
    });
    expect(observe((x: number) => x, { tracer: broken })(1)).toBe(1);
  });

  test("attributes that throw", () => {
    const attributes = {
      get model(): string {
        throw new Error("broken");
      },
    };
    expect(observe((x: number) => x, { tracer, attributes })(1)).toBe(1);
  });

  test("results that cannot be looked at or changed", async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(observe(() => proxy, { tracer, name: "revoked" })() === proxy).toBe(true);
    const frozen = Object.freeze(
      (function* () {
        yield 1;
      })(),
    );
    expect(observe(() => frozen, { tracer, name: "frozen" })()).toBe(frozen);
    expect([...frozen]).toEqual([1]);
    await tracer.flush();
    expect(exporter.observations.map(({ name }) => name)).toEqual(["revoked", "frozen"]);
  });
});
