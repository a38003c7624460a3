import { isFields } from "./fields.ts";

export interface CountedArguments {
  body: unknown;
  requestOptions: unknown;
}

/** How often the client built a request for one call: its retries and one. 0 where the client does not let us see. */
export class AttemptCounter {
  #attempts = 0;

  get attempts(): number {
    return this.#attempts;
  }

  /**
   * The arguments with something in them that the client reads once for each attempt, and that changes neither the wire nor
   * what a `fetch` of the caller's is given: from openai 5 on the list of keys of the request's `fetchOptions`, which are
   * spread into each `fetch` call; in openai 4 the body's `toJSON`.
   */
  watch(client: object, { body, requestOptions }: CountedArguments): CountedArguments {
    if (requestOptions !== undefined && !isFields(requestOptions)) return { body, requestOptions };
    const count = (): void => {
      this.#attempts += 1;
    };
    if ("fetchOptions" in client) {
      const given = requestOptions?.["fetchOptions"];
      const fetchOptions = new Proxy(isFields(given) ? { ...given } : {}, {
        ownKeys(target) {
          count();
          return Reflect.ownKeys(target);
        },
      });
      return { body, requestOptions: { ...requestOptions, fetchOptions } };
    }
    if (!isFields(body) || Object.getPrototypeOf(body) !== Object.prototype || "toJSON" in body)
      return { body, requestOptions };
    const counted = { ...body };
    Object.defineProperty(counted, "toJSON", {
      enumerable: false,
      value: () => {
        count();
        return { ...counted };
      },
    });
    return { body: counted, requestOptions };
  }
}
