import { findUsage } from "@spanwise/core/adapter";
import { arrayOf, defined, fieldsOf, isFields, stringOf, type Fields } from "../fields.ts";
import type { DescribedRequest } from "../request.ts";
import { modelOf, single, usageOf, type DescribedResponse } from "../response.ts";
import type { Surface } from "../surface.ts";
import { counted } from "../stream-budget.ts";

/** Results described of one call, and categories of one result. What comes after is counted. */
export const MAX_RESULTS = 512;
export const MAX_CATEGORIES = 64;

/** `moderations.create`. */
export const moderations: Surface = {
  name: "moderations",
  type: "generation",
  describeRequest,
  describeResult,
};

/** The texts, or parts of text and image. */
function describeRequest(body: unknown, captureInput: boolean): DescribedRequest {
  const fields = fieldsOf(body);
  return {
    model: stringOf(fields["model"]),
    input: captureInput ? fields["input"] : undefined,
    modelParameters: undefined,
    metadata: {},
  };
}

/**
 * For each input `{ flagged, categories, category_scores }`: `categories` are the names of those that hit, the scores are all.
 * `metadata.flaggedResults` counts the inputs with a hit, those beyond `MAX_RESULTS` too.
 */
function describeResult(result: unknown): DescribedResponse {
  const fields = fieldsOf(result);
  if (!Array.isArray(fields["results"])) return { output: result, ...usageOf(findUsage(result), {}) };
  const results = arrayOf(fields["results"]).map(fieldsOf);
  const cut = results.length - MAX_RESULTS;
  return {
    output: single(results.slice(0, MAX_RESULTS).map(describeOne)),
    ...modelOf(stringOf(fields["model"])),
    ...usageOf(findUsage(result), {
      response_id: stringOf(fields["id"]),
      flaggedResults: results.filter((one) => one["flagged"] === true || hitsOf(one).length > 0).length,
      cutResults: counted(cut),
    }),
  };
}

function describeOne(result: Fields): Record<string, unknown> {
  const scores = Object.entries(fieldsOf(result["category_scores"]));
  const cut = scores.length - MAX_CATEGORIES;
  return defined({
    // Mistral does not say it.
    flagged: typeof result["flagged"] === "boolean" ? result["flagged"] : undefined,
    categories: hitsOf(result).slice(0, MAX_CATEGORIES),
    category_scores: Object.fromEntries(scores.slice(0, MAX_CATEGORIES)),
    cutCategories: counted(cut),
  });
}

function hitsOf(result: Fields): string[] {
  const categories = result["categories"];
  return isFields(categories) ? Object.keys(categories).filter((name) => categories[name] === true) : [];
}
