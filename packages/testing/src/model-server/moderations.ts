import { asString, asStrings } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { missingParameter } from "./api-error.ts";
import { alphanumericId } from "./ids.ts";
import type { Reply } from "./reply.ts";

/** A word list per category: enough to flag the obvious in a test, and no more than that. */
const categories: Record<string, RegExp | undefined> = {
  harassment: /\b(idiot|moron|shut up)\b/i,
  "harassment/threatening": undefined,
  hate: undefined,
  "hate/threatening": undefined,
  illicit: /\b(make a bomb|steal a car)\b/i,
  "illicit/violent": /\bmake a bomb\b/i,
  "self-harm": /\b(kill|hurt) myself\b/i,
  "self-harm/instructions": undefined,
  "self-harm/intent": /\b(kill|hurt) myself\b/i,
  sexual: undefined,
  "sexual/minors": undefined,
  violence: /\b(kill|murder|stab|shoot)\b/i,
  "violence/graphic": undefined,
};
const flaggedScore = 0.9;
const quietScore = 0.0001;

/** `POST /v1/moderations`. */
export function moderations(body: JsonObject): Reply {
  const inputs = typeof body["input"] === "string" ? [body["input"]] : asStrings(body["input"]);
  if (inputs.length === 0) throw missingParameter("input");
  const results = inputs.map((text) => {
    const hits = Object.entries(categories).map(([name, words]): [string, boolean] => [
      name,
      words?.test(text) ?? false,
    ]);
    return {
      flagged: hits.some(([, isHit]) => isHit),
      categories: Object.fromEntries(hits),
      category_scores: Object.fromEntries(hits.map(([name, isHit]) => [name, isHit ? flaggedScore : quietScore])),
      category_applied_input_types: Object.fromEntries(hits.map(([name]) => [name, ["text"]])),
    };
  });
  const model = asString(body["model"], "omni-moderation-latest");
  return { kind: "json", status: 200, body: { id: alphanumericId("modr-", 29), model, results } };
}
