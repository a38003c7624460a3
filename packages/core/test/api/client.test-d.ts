import { expectTypeOf, test } from "vitest";
import { createClient, type Client, type Page, type ScoreClient, type StoredObservation } from "../../src/api/index.ts";
import type { Observation } from "../../src/index.ts";

declare const secret: string | undefined;
declare const observation: Observation;

test("a public key alone has the score calls only", () => {
  expectTypeOf(createClient({ baseUrl: "x", publicKey: "pk" })).toEqualTypeOf<ScoreClient>();
  expectTypeOf(createClient({ baseUrl: "x", publicKey: "pk", secretKey: secret })).toEqualTypeOf<Client>();
  expectTypeOf(createClient({ baseUrl: "x" })).toEqualTypeOf<Client>();
  expectTypeOf(createClient()).toEqualTypeOf<Client>();
});

test("a list is a page when awaited and items in a loop", async () => {
  const list = createClient().observations.list();
  expectTypeOf(await list).toEqualTypeOf<Page<StoredObservation>>();
  for await (const item of list) expectTypeOf(item).toEqualTypeOf<StoredObservation>();
});

test("addToDataset takes a handle, an observation read back and ids", () => {
  const client = createClient();
  expectTypeOf(client.addToDataset.bind(client)).toBeCallableWith(observation, { dataset: "d" });
  expectTypeOf(client.addToDataset.bind(client)).toBeCallableWith(
    { traceId: "t", observationId: "o" },
    { dataset: "d" },
  );
  expectTypeOf<StoredObservation>().toExtend<Parameters<Client["addToDataset"]>[0]>();
});
