/** What `Function.prototype.toString` must not show: private names, `super`, code that cannot be read. */
const OPAQUE = /#|\bsuper\b|\beval\b|\[native code\]/;
const USES = /\bthis\b/g;
/** `this.name`, `this?.name`, `this[name]`. */
const READS = /\bthis\s*(?:\?\.|\.(?!\.)|\[)/g;

const decided = new WeakMap<object, boolean>();

/**
 * Whether a method of the client may run with the view as its `this`, so that the calls it makes are observed: it is one
 * that a subclass of the user's added, and its source shows that all it does with `this` is to look up named properties,
 * which the view answers with the real object's own. A method that uses private fields (`#name`, or a compiled form of them,
 * to which `this` is handed whole), `super`, or `this` as a value runs on the real object as ever.
 */
export function runsOnView(client: object, key: PropertyKey, method: (...args: never[]) => unknown): boolean {
  if (!isAdded(client, key, method)) return false;
  let decision = decided.get(method);
  if (decision === undefined) decided.set(method, (decision = onlyLooksUp(method)));
  return decision;
}

/** Found between the client and the class that all majors know as `OpenAI.OpenAI`. */
function isAdded(client: object, key: PropertyKey, method: unknown): boolean {
  const base: unknown = (client.constructor as { OpenAI?: { prototype?: unknown } } | undefined)?.OpenAI?.prototype;
  if (typeof base !== "object" || base === null || Object.hasOwn(client, key)) return false;
  for (let prototype = prototypeOf(client); prototype && prototype !== base; prototype = prototypeOf(prototype)) {
    const found = Object.getOwnPropertyDescriptor(prototype, key);
    if (found) return found.value === method && Object.prototype.isPrototypeOf.call(base, prototype);
  }
  return false;
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}

function onlyLooksUp(method: (...args: never[]) => unknown): boolean {
  const source = Function.prototype.toString.call(method);
  if (OPAQUE.test(source)) return false;
  const uses = source.match(USES)?.length ?? 0;
  return uses > 0 && uses === source.match(READS)?.length;
}
