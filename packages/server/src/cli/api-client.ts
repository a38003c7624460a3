import type { ErrorResponse } from "../api/types.ts";
import { MIME_PROTOBUF, mimeOf } from "../ingest/otlp-encoding.ts";
import { readStatusMessage } from "../ingest/otlp-status.ts";

export interface Credentials {
  publicKey: string;
  secretKey: string;
}

/** The server did not answer, or not as asked for; the message says what to do. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 0: no answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const TIMEOUT_MS = 30_000;

/** A running server, as the commands see it. */
export class ApiClient {
  readonly url: string;
  readonly #credentials: Credentials | null;
  readonly #project: string | undefined;

  /** @param project named in every request; default: that of the keys. */
  constructor(url: string, credentials: Credentials | null, project?: string) {
    this.url = url.replace(/\/+$/, "");
    this.#credentials = credentials;
    this.#project = project;
  }

  async json<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
    const answer = await this.fetch(path, query, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    try {
      return (await answer.json()) as T;
    } catch (error) {
      if (error instanceof SyntaxError) throw new ApiError(answer.status, this.#notSpanwise(answer));
      throw error;
    }
  }

  async send<T>(method: string, path: string, body: unknown): Promise<T> {
    const answer = await this.fetch(
      path,
      {},
      {
        method,
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      },
    );
    return (answer.status === 204 ? null : await answer.json()) as T;
  }

  /** @throws {ApiError} for anything but success. */
  async fetch(
    path: string,
    query: Record<string, string | number | undefined>,
    init: RequestInit = {},
  ): Promise<Response> {
    const url = new URL(this.url + path);
    const named: Record<string, string | number | undefined> = { project: this.#project, ...query };
    for (const [name, value] of Object.entries(named)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const answer = await this.#try(url, init);
    if (answer.ok) return answer;
    throw new ApiError(answer.status, await this.#explain(answer));
  }

  async #try(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#credentials !== null) headers.set("authorization", basicOf(this.#credentials));
    try {
      return await fetch(url, { ...init, headers });
    } catch (error) {
      if ((error as Error).name === "AbortError") throw error;
      const cause = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? (error as Error).message;
      throw new ApiError(
        0,
        `no server answers at ${this.url} (${cause}): start one with spanwise, or name another with --url.`,
      );
    }
  }

  #notSpanwise(answer: Response): string {
    return `${this.url} answers ${answer.status} and is no Spanwise server: check --url.`;
  }

  async #explain(answer: Response): Promise<string> {
    const body = await readError(answer);
    if (body === null || typeof body.message !== "string") {
      return this.#notSpanwise(answer);
    }
    if (answer.status === 401) {
      return `${this.url} asks for keys: set SPANWISE_PUBLIC_KEY and SPANWISE_SECRET_KEY to a pair that it knows.`;
    }
    return `${this.url} answers ${answer.status}: ${body.message}`;
  }
}

/** `null` for an answer that is none of the server's. */
async function readError(answer: Response): Promise<Pick<ErrorResponse, "message"> | null> {
  if (mimeOf(answer.headers.get("content-type") ?? undefined) === MIME_PROTOBUF) {
    return { message: readStatusMessage(Buffer.from(await answer.arrayBuffer())) };
  }
  return (await answer.json().catch(() => null)) as ErrorResponse | null;
}

export function basicOf({ publicKey, secretKey }: Credentials): string {
  return `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString("base64")}`;
}

/** True when what answers there is a Spanwise server. */
export async function isSpanwise(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(1000) });
    const body: unknown = await answer.json();
    return typeof body === "object" && body !== null && "name" in body && body.name === "spanwise";
  } catch {
    // Whatever is there does not speak our language.
    return false;
  }
}
