import type { JsonObject } from "../json.ts";

const maxStored = 1000;

export interface StoredResponse {
  /** The finished object. */
  response: JsonObject;
  /** Input items of this turn and of those before it. */
  items: JsonObject[];
  /** A background response is `in_progress` until then (epoch milliseconds). */
  readyAtMs: number;
}

/** Responses by id, for `previous_response_id` and background polling. The oldest goes when it is full. */
export class ResponseStore {
  readonly #byId = new Map<string, StoredResponse>();

  get(id: string): StoredResponse | undefined {
    return this.#byId.get(id);
  }

  set(id: string, stored: StoredResponse): void {
    this.#byId.set(id, stored);
    const oldest = this.#byId.size > maxStored ? this.#byId.keys().next().value : undefined;
    if (oldest !== undefined) this.#byId.delete(oldest);
  }

  delete(id: string): boolean {
    return this.#byId.delete(id);
  }
}
