import { HttpError } from "../http/errors.ts";
import { isObject } from "../http/json-body.ts";
import { MEDIA_FIELDS, mediaIdOf, type MediaInfo, type MediaLink } from "../model/media.ts";

export interface Announcement {
  info: Omit<MediaInfo, "uploadedAt">;
  link: MediaLink;
}

/** Base64 of 32 bytes. The last digit before the sign carries two bits of padding, which are zero. */
const SHA256 = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+$/;
const MAX_TYPE_CHARS = 100;
const MAX_ID_CHARS = 800;

/**
 * Reads what a client says about a media before it sends its bytes.
 *
 * @throws {HttpError} 400, or 413 when the media is larger than `maxBytes`.
 */
export function readAnnouncement(body: unknown, maxBytes: number): Announcement {
  if (!isObject(body)) throw bad("The body is not a JSON object.");
  const { contentLength } = body;
  const owner = readOwner(body);
  const fields = MEDIA_FIELDS.filter((word) => word !== (owner.traceId === "" ? "output" : "expectedOutput"));
  const field = fields.find((word) => word === body["field"]);
  if (field === undefined) throw bad(`field is one of ${fields.join(", ")}.`);
  const contentType = textOf(body["contentType"]).toLowerCase();
  if (!MIME_TYPE.test(contentType) || contentType.length > MAX_TYPE_CHARS) throw bad("contentType is a MIME type.");
  const sha256 = textOf(body["sha256Hash"]);
  if (!SHA256.test(sha256)) throw bad("sha256Hash is the SHA-256 of the bytes in base64.");
  if (typeof contentLength !== "number" || !Number.isSafeInteger(contentLength) || contentLength < 1) {
    throw bad("contentLength is a number of bytes, at least 1.");
  }
  if (contentLength > maxBytes) throw new HttpError(413, "too_large", `Media may have up to ${maxBytes} bytes.`);
  const id = mediaIdOf(sha256);
  return { info: { id, contentType, contentLength, sha256 }, link: { mediaId: id, ...owner, field } };
}

/** A trace or one of its observations; or, as version 4 of Langfuse has it, an item of a dataset. */
function readOwner(body: Readonly<Record<string, unknown>>): Pick<MediaLink, "traceId" | "observationId"> {
  const { traceId, observationId = null, datasetId, datasetItemId } = body;
  if (isId(datasetItemId)) {
    if (!isId(datasetId)) throw bad("datasetId is needed beside datasetItemId.");
    return { traceId: "", observationId: datasetItemId };
  }
  if (!isId(traceId)) throw bad("traceId is the id of the trace that names the media.");
  if (observationId !== null && !isId(observationId)) throw bad("observationId is an id, or left out.");
  return { traceId, observationId };
}

/** Not `String()`: an object of a sender's making may hold a `toString` that is no function. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_ID_CHARS;
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
