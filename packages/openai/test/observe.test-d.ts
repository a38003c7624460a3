import type { Observation, Tracer } from "@spanwise/core";
import type OpenAI from "openai";
import type { AzureOpenAI } from "openai";
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
