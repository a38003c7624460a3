import { NotFoundError } from "./errors.ts";

/**
 * A route that only newer servers have, with what older ones have in its place. Langfuse 4 has removed the routes of
 * Langfuse 3, which does not have those of 4; both answer 404.
 */
export class RouteChoice {
  #isOld: boolean | undefined;

  /** Runs `newer`; when the route is missing, `older`, and from then on `older` at once. */
  async run<T>(newer: () => Promise<T>, older: () => Promise<T>): Promise<T> {
    if (this.#isOld === true) return older();
    try {
      const result = await newer();
      this.#isOld = false;
      return result;
    } catch (error) {
      if (this.#isOld === false || !(error instanceof NotFoundError)) throw error;
      const result = await older().catch((oldError: unknown) => {
        // Neither is there: the newer route's word is the one that helps.
        throw oldError instanceof NotFoundError ? error : oldError;
      });
      this.#isOld = true;
      return result;
    }
  }
}
