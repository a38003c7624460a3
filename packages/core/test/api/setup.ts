import { createLangfuseApi, type LangfuseApi } from "@spanwise/testing";
import { onTestFinished } from "vitest";
import { createClient, type Client, type ClientOptions } from "../../src/api/index.ts";

export const keys = { publicKey: "pk-lf-1", secretKey: "sk-lf-1" };

/** A backend of one of Langfuse's versions and a client for it, both gone after the test. */
export async function setUp(
  version: 3 | 4 = 4,
  options: ClientOptions = {},
): Promise<{ api: LangfuseApi; client: Client }> {
  const api = await createLangfuseApi({ keys, version });
  const client = createClient({ baseUrl: api.url, ...keys, ...options });
  onTestFinished(async () => {
    await client.close({ timeoutMs: 100 });
    await api.close();
  });
  return { api, client };
}

export const codeOf = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  const error: unknown = await Promise.resolve(promise).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return (error as { code?: unknown } | undefined)?.code;
};
