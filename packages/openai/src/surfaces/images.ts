import { findUsage } from "@spanwise/core/adapter";
import { describeFailure } from "../accumulate-responses.ts";
import { arrayOf, defined, fieldsOf, isFields, stringOf, type Fields } from "../fields.ts";
import { describeParameters, pick, type DescribedRequest } from "../request.ts";
import { modelOf, single, usageOf, type DescribedResponse, type Failure } from "../response.ts";
import type { StreamAccumulator, Surface } from "../surface.ts";
import { copyUsage, counted } from "../stream-budget.ts";
import { describeUploads } from "./upload.ts";

/** Base64 characters held of one stream's images. Those that do not fit are left out and counted. */
export const MAX_STREAM_IMAGE_CHARS = 67_108_864;
export const MAX_STREAM_IMAGES = 128;

const PARAMETERS = [
  "n",
  "size",
  "quality",
  "style",
  "background",
  "moderation",
  "input_fidelity",
  "response_format",
  "output_format",
  "output_compression",
  "partial_images",
] as const;

/** Files, and in some hosts' JSON `images: [{ image_url }]`. */
const UPLOADS = ["image", "images", "mask"] as const;

/** What the model chose where the caller said `auto`. */
const CHOSEN = ["size", "quality", "background", "output_format"] as const;

/** Parameters in the query of a URL that let everybody open it. */
const SIGNED = /[?&](sig|signature|token|key|x-(amz|goog)-[a-z-]+)=/i;

export const imagesGenerate: Surface = createSurface("images.generate", createStream);
export const imagesEdit: Surface = createSurface("images.edit", createStream);
export const imagesCreateVariation: Surface = createSurface("images.createVariation");

function createSurface(name: string, stream?: () => StreamAccumulator): Surface {
  return { name, type: "generation", describeRequest, describeResult, ...(stream && { createStream: stream }) };
}

/** The prompt alone, or `{ prompt, image, mask }` with the files described. */
function describeRequest(body: unknown, captureInput: boolean): DescribedRequest {
  const fields = fieldsOf(body);
  const prompt = fields["prompt"] ?? undefined;
  const uploads = captureInput ? describeUploads(fields, UPLOADS) : {};
  return {
    model: stringOf(fields["model"]),
    input: !captureInput ? undefined : Object.keys(uploads).length > 0 ? defined({ prompt, ...uploads }) : prompt,
    modelParameters: describeParameters(fields, PARAMETERS, captureInput),
    metadata: defined({
      user: (captureInput && fields["user"]) || undefined,
      stream: fields["stream"] === true || undefined,
    }),
  };
}

/** The image, `{ b64_json }` or `{ url }` with the revised prompt, or an array of them. */
function describeResult(result: unknown): DescribedResponse {
  const fields = fieldsOf(result);
  if (!Array.isArray(fields["data"])) return { output: result, ...usageOf(findUsage(result), {}) };
  return {
    output: single(arrayOf(fields["data"]).map((image) => (isFields(image) ? imageOf(image) : image))),
    ...modelOf(stringOf(fields["model"])),
    ...usageOf(findUsage(result), pick(fields, CHOSEN)),
  };
}

/** Base64 stays under the name by which core takes it out of the payload, to be sent as an attachment. */
function imageOf(image: Fields): Record<string, unknown> {
  const { url } = image;
  const opener = typeof url === "string" && SIGNED.test(url);
  return {
    ...pick(image, ["b64_json", "revised_prompt"]),
    ...pick({ url: opener ? withoutQuery(url) : url }, ["url"]),
  };
}

function withoutQuery(url: string): string {
  return url.slice(0, url.indexOf("?"));
}

/**
 * `*.partial_image` events are drafts of the image that comes next, of which the last is held until it is there; the final ones
 * carry the image, `b64_json` or, at other hosts, a `url`.
 */
function createStream(): StreamAccumulator {
  const images: Record<string, unknown>[] = [];
  let draft: Record<string, unknown> | undefined;
  let drafts = 0;
  let finals = 0;
  let held = 0;
  let cutImages = 0;
  let usage: unknown;
  let chosen: Record<string, unknown> = {};
  let failure: Failure | undefined;

  function accept(event: unknown): void {
    if (!isFields(event)) return;
    if (event["type"] === "error") failure ??= describeFailure(event);
    usage = copyUsage(event) ?? usage;
    chosen = { ...chosen, ...pick(event, CHOSEN) };
    const image = hasImage(event) ? imageOf(event) : undefined;
    if (isNamed(event, ".partial_image")) {
      drafts += 1;
      const index = event["partial_image_index"];
      draft = image && charsOf(image) <= MAX_STREAM_IMAGE_CHARS - held ? { ...image, partial_image_index: index } : {};
      return;
    }
    if (isNamed(event, ".completed")) finals += 1;
    if (!image) return;
    draft = undefined;
    if (images.length >= MAX_STREAM_IMAGES || charsOf(image) > MAX_STREAM_IMAGE_CHARS - held) cutImages += 1;
    else {
      held += charsOf(image);
      images.push(image);
    }
  }

  return {
    accept,
    isVisible: hasImage,
    describe() {
      const shown = draft && Object.keys(draft).length > 0 ? [...images, draft] : images;
      return {
        ...(shown.length > 0 && { output: single(shown) }),
        ...usageOf(usage, {
          ...chosen,
          partialImages: counted(drafts),
          cutImages: counted(cutImages),
        }),
      };
    },
    /** A draft that came after the last image is of one that is still to come. */
    get finished() {
      return finals > 0 && draft === undefined;
    },
    get failure() {
      return failure;
    },
  };
}

function hasImage(event: unknown): boolean {
  const { b64_json: base64, url } = fieldsOf(event);
  return Boolean(stringOf(base64) ?? stringOf(url));
}

/** `image_generation.` and `image_edit.` events have the same ends. */
function isNamed(event: Fields, end: string): boolean {
  return stringOf(event["type"])?.endsWith(end) === true;
}

function charsOf(image: Record<string, unknown>): number {
  return stringOf(image["b64_json"])?.length ?? 0;
}
