import { createAdaptorServer } from "@hono/node-server";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Connections } from "./connections.ts";
import { Lingering } from "./linger.ts";
import { SLOW_REQUEST_OPTIONS, SlowSenders } from "./slow-senders.ts";

type Answer = (request: Request, env: object) => Response | Promise<Response>;

/** How long requests may go on after `close` before their connections are cut. */
const DRAIN_MS = 5000;
const SWEEP_MS = 20;

/** An address with two names of a thousand characters, percent-encoded at nine bytes each, is larger than Node's 16 KiB. Beyond it: 431. */
const MAX_HEAD_BYTES = 64 * 1024;

/** The port. It can be taken before there is anything to answer with: requests that come so early wait. */
export class Listener {
  readonly #http: Server;
  readonly #connections: Connections;
  readonly #lingering = new Lingering();
  readonly #slow: SlowSenders;
  readonly #waiting: Promise<Answer>;
  #resolve!: (answer: Answer) => void;
  #answer: Answer | undefined;

  constructor() {
    this.#waiting = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const fetch: Answer = (request, env) =>
      this.#answer === undefined ? this.#waiting.then((answer) => answer(request, env)) : this.#answer(request, env);
    // Hono's own cleanup cuts a sender off half a second after its answer.
    this.#http = createAdaptorServer({
      fetch,
      overrideGlobalObjects: false,
      autoCleanupIncoming: false,
      serverOptions: { ...SLOW_REQUEST_OPTIONS, maxHeaderSize: MAX_HEAD_BYTES },
    }) as Server;
    this.#connections = new Connections(this.#http);
    this.#slow = new SlowSenders(this.#http);
    this.#http.prependListener("request", (incoming, answer) => this.#lingering.watch(incoming, answer));
  }

  /** Uploads that went on for too long after they were refused. */
  get cutUploads(): number {
    return this.#lingering.cut;
  }

  /** Connections that were closed since what came on them came too slowly. */
  get slowSenders(): number {
    return this.#slow.cut;
  }

  /** @returns the port. @throws a Node error with `code: "EADDRINUSE"` when it is taken. */
  async listen(port: number, host: string): Promise<number> {
    this.#http.listen(port, host);
    await once(this.#http, "listening");
    return (this.#http.address() as AddressInfo).port;
  }

  answerWith(answer: Answer): void {
    this.#answer = answer;
    this.#resolve(answer);
  }

  /** Takes no more connections and resolves when all are closed: when they have been answered, or are cut. */
  async close(): Promise<void> {
    const closed = once(this.#http, "close");
    this.#http.close();
    // A connection falls idle when its last answer is out, and Node tells nobody: it is looked for until all are closed.
    const sweep = setInterval(() => this.#connections.closeIdle(), SWEEP_MS);
    const cut = setTimeout(() => this.#http.closeAllConnections(), DRAIN_MS);
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  }

  /** Closes at once, answered or not. */
  cut(): void {
    this.#http.close();
    this.#http.closeAllConnections();
  }
}
