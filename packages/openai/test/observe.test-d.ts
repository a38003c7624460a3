import type { Observation, Tracer } from "@spanwise/core";
import type OpenAI from "openai";
import type { AzureOpenAI } from "openai";
import type { AzureOpenAI as AzureOpenAI4, OpenAI as OpenAI4 } from "openai-v4";
import type { OpenAI as OpenAI5 } from "openai-v5";
import type { OpenAI as OpenAI7 } from "openai-v7";
import { expectTypeOf, test } from "vitest";
import { observeOpenAI } from "../src/index.ts";

declare const client: OpenAI;
declare const azure: AzureOpenAI;
declare const tracer: Tracer;
declare const parent: Observation | undefined;

test("the client's type stays", () => {
  expectTypeOf(observeOpenAI(client)).toEqualTypeOf<OpenAI>();
  expectTypeOf(observeOpenAI(azure, { tracer, parent, name: undefined })).toEqualTypeOf<AzureOpenAI>();
  expectTypeOf(observeOpenAI(client).chat.completions).toEqualTypeOf<OpenAI["chat"]["completions"]>();
});

test("options are checked", () => {
  // @ts-expect-error -- not an option
  observeOpenAI(client, { generationName: "x" });
  // @ts-expect-error -- not a value of it
  observeOpenAI(client, { includeUsage: "always" });
});

test("of every major, promises, streams and helpers too", () => {
  const observed = observeOpenAI({} as { four: OpenAI4; azure: AzureOpenAI4; five: OpenAI5; seven: OpenAI7 });
  expectTypeOf(observeOpenAI(observed.four)).toEqualTypeOf<OpenAI4>();
  expectTypeOf(observeOpenAI(observed.azure)).toEqualTypeOf<AzureOpenAI4>();
  expectTypeOf(observeOpenAI(observed.five)).toEqualTypeOf<OpenAI5>();
  expectTypeOf(observeOpenAI(observed.seven)).toEqualTypeOf<OpenAI7>();

  const { completions } = observeOpenAI(client).chat;
  const body = { model: "m", messages: [] };
  expectTypeOf(completions.create(body)).toEqualTypeOf(client.chat.completions.create(body));
  expectTypeOf(completions.create({ ...body, stream: true })).toEqualTypeOf(
    client.chat.completions.create({ ...body, stream: true }),
  );
  expectTypeOf(completions.stream(body)).toEqualTypeOf(client.chat.completions.stream(body));
  expectTypeOf(observeOpenAI(client).withOptions({})).toEqualTypeOf<OpenAI>();
  class Mine extends (null as unknown as typeof OpenAI) {
    declare ask: () => string;
  }
  expectTypeOf(observeOpenAI({} as Mine)).toEqualTypeOf<Mine>();
});
