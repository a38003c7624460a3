import type OpenAI from "openai";
import type { OpenAIModule } from "../conformance/scenarios.ts";
import type { Exchange, MultipartField, Recording } from "./corpus.ts";

/** A client for the recorded host's paths, led to `origin`: `AzureOpenAI` where the path names a deployment. */
export function createClientFor(module: OpenAIModule, exchange: Exchange, origin: string): OpenAI {
  const { path, query } = partsOf(exchange);
  const deployment = /^\/openai\/deployments\/([^/]+)\//.exec(path)?.[1];
  if (deployment !== undefined) {
    const apiVersion = query.get("api-version")!;
    return new module.AzureOpenAI({ apiKey: "k", endpoint: origin, deployment, apiVersion, maxRetries: 0 });
  }
  const { prefix } = methodOf(path);
  // A query that is not part of the method's own arguments.
  const defaultQuery = exchange.endpoint.startsWith("GET") ? {} : Object.fromEntries(query);
  return new module.OpenAI({ apiKey: "k", baseURL: origin + prefix, maxRetries: 0, defaultQuery });
}

/** The request of a recording, or the least that its answer goes with where none was recorded. */
export function requestOf(exchange: Exchange, recording: Recording): Record<string, unknown> {
  const { request } = recording;
  const { name } = methodOf(partsOf(exchange).path);
  const isStream = exchange.response_kind === "sse";
  if (Array.isArray(request?.["multipart"])) return fromMultipart(request["multipart"] as MultipartField[]);
  if (name === "images.edit") return fromDataUris(request ?? {});
  if (request) return isStream ? { ...request, stream: true } : request;
  const stream = isStream && { stream: true };
  if (name === "responses.create") return { model: "m", input: "hello", ...stream };
  if (name === "completions.create") return { model: "m", prompt: "hello", ...stream, ...usageWish(exchange) };
  return { model: "m", messages: [{ role: "user", content: "hello" }], ...stream, ...usageWish(exchange) };
}

/** Makes the call with the client's method for the recorded path, and reads the whole answer as a caller would. */
export async function callAsRecorded(
  client: OpenAI,
  exchange: Exchange,
  body: Record<string, unknown>,
): Promise<unknown> {
  const { path, query } = partsOf(exchange);
  const { name, id, prefix } = methodOf(path);
  const [owner, method] = findMethod(client, name);
  // One that this major of the client does not have.
  if (!method) return client.post(path.slice(prefix.length), { body });
  const args =
    id !== undefined ? [id, { stream: query.get("stream") === "true" }] : name === "models.list" ? [] : [body];
  return readAll(await method.apply(owner, args));
}

type Method = (...args: unknown[]) => unknown;

/** The object on which a method of the client is called, and the method where there is one. */
export function findMethod(client: OpenAI, name: string): [unknown, Method | undefined] {
  const names = name.split(".");
  const method = names.pop()!;
  let owner: unknown = client;
  for (const key of names) owner = (owner as Record<string, unknown> | undefined)?.[key];
  return [owner, (owner as Record<string, Method | undefined> | undefined)?.[method]];
}

async function readAll(result: unknown): Promise<unknown> {
  if (typeof result !== "object" || result === null) return result;
  if ("arrayBuffer" in result) {
    return Buffer.from(await (result as Response).arrayBuffer()).toString("base64");
  }
  if ("getPaginatedItems" in result) return (result as { getPaginatedItems(): unknown }).getPaginatedItems();
  if (!(Symbol.asyncIterator in result)) return result;
  const items: unknown[] = [];
  for await (const item of result as AsyncIterable<unknown>) items.push(item);
  return items;
}

const METHODS: readonly [RegExp, string][] = [
  [/\/chat\/completions$/, "chat.completions.create"],
  [/\/responses\/compact$/, "responses.compact"],
  [/\/responses\/(resp_\w+)$/, "responses.retrieve"],
  [/\/responses$/, "responses.create"],
  [/\/completions$/, "completions.create"],
  [/\/embeddings$/, "embeddings.create"],
  [/\/images\/generations$/, "images.generate"],
  [/\/images\/edits$/, "images.edit"],
  [/\/audio\/transcriptions$/, "audio.transcriptions.create"],
  [/\/audio\/translations$/, "audio.translations.create"],
  [/\/audio\/speech$/, "audio.speech.create"],
  [/\/moderations$/, "moderations.create"],
  [/\/models$/, "models.list"],
];

/** The client's method for a path, what comes before it in the base URL, and the id in the path where there is one. */
export function methodOf(path: string): { name: string; prefix: string; id: string | undefined } {
  for (const [pattern, name] of METHODS) {
    const match = pattern.exec(path);
    if (match) return { name, prefix: path.slice(0, match.index), id: match[1] };
  }
  throw new Error(`no method of the client is known for ${path}`);
}

export function partsOf({ endpoint }: Exchange): { path: string; query: URLSearchParams } {
  const [path = "", query = ""] = endpoint.slice(endpoint.indexOf(" ") + 1).split("?");
  return { path, query: new URLSearchParams(query) };
}

/** Recorded without a request: that it asked for usage is known from the usage that came. */
function usageWish({ expected, response_kind: kind }: Exchange): object {
  return kind === "sse" && expected.usage ? { stream_options: { include_usage: true } } : {};
}

function fromMultipart(fields: readonly MultipartField[]): Record<string, unknown> {
  return Object.fromEntries(
    fields.map(({ name, value, filename, content_type: type, bytes = 0 }) => [
      name,
      filename === undefined ? value : new File([new Uint8Array(bytes)], filename, { type: type ?? "" }),
    ]),
  );
}

/** The recording named its images as data URIs in JSON; the client's method uploads files. */
function fromDataUris({ images, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const files = (images as { image_url: string }[]).map(({ image_url: uri }, n) => {
    const [head = "", data = ""] = uri.split(",");
    return new File([Buffer.from(data, "base64")], `image-${n}.png`, { type: /data:([^;]+)/.exec(head)?.[1] ?? "" });
  });
  return { ...rest, image: files };
}
