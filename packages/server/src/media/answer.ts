import type { Context } from "hono";
import { HttpError } from "../http/errors.ts";
import { MEDIA_PART_BYTES, type MediaInfo } from "../model/media.ts";
import type { Store } from "../store/store.ts";
import { parseRange } from "./range.ts";

/**
 * Types that a browser may show in place: none of them can carry script. An SVG image or a page can, and so can XML under any name that
 * ends in "+xml"; these, and whatever is not listed, are offered for saving without a type.
 */
const INLINE_TYPE = /^(?:image\/(?:png|jpeg|gif|webp|avif)|audio\/[\w.-]+|video\/(?:mp4|webm))$/;
const SAVED_TYPES: Readonly<Record<string, string>> = { "application/pdf": "pdf" };

/** Answers with the bytes, or the range of them that was asked for, as they come out of the store. */
export async function answerMedia(context: Context, store: Store, projectId: string, id: string): Promise<Response> {
  const info = await store.getMedia(projectId, id);
  if (info === null) throw new HttpError(404, "not_found", "There is no media with this id.");
  const etag = `"${info.id}"`;
  const headers: Record<string, string> = {
    ...typeHeaders(info),
    "X-Content-Type-Options": "nosniff",
    // For whoever opens the address itself: no script, no form, no request, and no origin to act for.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    // The id names the content. Private: keys may guard it.
    "Cache-Control": "private, max-age=31536000, immutable",
    ETag: etag,
    "Accept-Ranges": "bytes",
  };
  if (context.req.header("if-none-match") === etag) return new Response(null, { status: 304, headers });

  const ifRange = context.req.header("if-range");
  const asked = ifRange === undefined || ifRange === etag ? context.req.header("range") : undefined;
  const range = parseRange(asked, info.contentLength);
  if (range === "unsatisfiable") {
    return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${info.contentLength}` } });
  }
  const { start, end } = range ?? { start: 0, end: info.contentLength };
  headers["Content-Length"] = String(end - start);
  if (range !== null) headers["Content-Range"] = `bytes ${start}-${end - 1}/${info.contentLength}`;
  return new Response(streamMedia(store, projectId, id, start, end), { status: range === null ? 200 : 206, headers });
}

function typeHeaders({ id, contentType }: MediaInfo): Record<string, string> {
  if (INLINE_TYPE.test(contentType)) return { "Content-Type": contentType };
  const extension = Object.hasOwn(SAVED_TYPES, contentType) ? SAVED_TYPES[contentType] : undefined;
  return {
    "Content-Type": extension === undefined ? "application/octet-stream" : contentType,
    "Content-Disposition": `attachment; filename="${id}.${extension ?? "bin"}"`,
  };
}

/** Reads the next part when the last one is on its way, so a slow client holds one part and not the whole. */
function streamMedia(
  store: Store,
  projectId: string,
  id: string,
  start: number,
  end: number,
): ReadableStream<Uint8Array> {
  let offset = start;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = await store.readMedia(projectId, id, offset, Math.min(end - offset, MEDIA_PART_BYTES));
        if (part === null) throw new Error(`Media ${id} ends before byte ${end}.`);
        offset += part.byteLength;
        controller.enqueue(part);
        if (offset >= end) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
