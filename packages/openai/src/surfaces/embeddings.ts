import { findUsage } from "@spanwise/core/adapter";
import { arrayOf, defined, fieldsOf, stringOf } from "../fields.ts";
import { describeParameters, type DescribedRequest } from "../request.ts";
import { modelOf, usageOf, type DescribedResponse } from "../response.ts";
import type { Surface } from "../surface.ts";
import { describeTexts } from "./token-arrays.ts";

const PARAMETERS = ["dimensions", "encoding_format"] as const;

/** A vector in base64 is 32-bit floats. */
const BYTES_PER_FLOAT = 4;

/** `embeddings.create`. The vectors are never recorded. */
export const embeddings: Surface = {
  name: "embeddings",
  type: "embedding",
  describeRequest,
  describeResult,
};

function describeRequest(body: unknown, captureInput: boolean): DescribedRequest {
  const fields = fieldsOf(body);
  return {
    model: stringOf(fields["model"]),
    input: captureInput ? describeTexts(fields["input"]) : undefined,
    modelParameters: describeParameters(fields, PARAMETERS, captureInput),
    metadata: defined({ user: (captureInput && fields["user"]) || undefined }),
  };
}

/** `{ count, dimensions }` of the vectors; nothing of a body without, which may hold them elsewhere. */
function describeResult(result: unknown): DescribedResponse {
  const fields = fieldsOf(result);
  const vectors = arrayOf(fields["data"]);
  return {
    ...(Array.isArray(fields["data"]) && {
      output: defined({ count: vectors.length, dimensions: dimensionsOf(fieldsOf(vectors[0])["embedding"]) }),
    }),
    ...modelOf(stringOf(fields["model"])),
    ...usageOf(findUsage(result), { response_id: stringOf(fields["id"]) }),
  };
}

function dimensionsOf(vector: unknown): number | undefined {
  // Padding is less than a float.
  if (typeof vector === "string") return Math.floor(((vector.length / 4) * 3) / BYTES_PER_FLOAT);
  if (Array.isArray(vector)) return vector.length;
  return ArrayBuffer.isView(vector) && "length" in vector ? (vector as Float32Array).length : undefined;
}
