import type { Context } from "hono";
import { hostnameOf } from "../host-guard.ts";
import { withBody } from "../http/body.ts";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import { parseJsonBody } from "../http/json-body.ts";
import type { IngestContext } from "../ingest/context.ts";
import { storeBatch } from "../ingest/store-batch.ts";
import { answerMedia } from "./answer.ts";
import { readAnnouncement } from "./announcement.ts";
import { TICKET_LIFETIME_MS, TicketOffice } from "./ticket.ts";

/** Bytes of one media. 64 MiB. */
export const DEFAULT_MAX_MEDIA_BYTES = 64 * 1024 * 1024;

/** An announcement or a report is a few hundred bytes. */
const SMALL_BODY = { maxWireBytes: 64 * 1024, maxBodyBytes: 64 * 1024 };

/** The memory of a batch that brings a link and no bytes, roughly. */
const LINK_BYTES = 1024;

/** Media as Langfuse's SDKs send and fetch them: announce, upload, report; look up, download. */
export class MediaRoutes {
  readonly #ingest: IngestContext;
  readonly #maxBytes: number;
  readonly #basePath: string;
  readonly #tickets = new TicketOffice();

  constructor(ingest: IngestContext, maxBytes: number, basePath: string) {
    this.#ingest = ingest;
    this.#maxBytes = maxBytes;
    this.#basePath = basePath;
  }

  /** `POST /api/public/media`: where to upload the bytes to, or `null` when they are here. */
  announce(context: Context): Promise<Response> {
    const { budget, store } = this.#ingest;
    return withBody(context.req.raw, SMALL_BODY, budget, async (body) => {
      const { info, link } = readAnnouncement(parseJsonBody(body), this.#maxBytes);
      const projectId = projectOf(context);
      const stored = await store.getMedia(projectId, info.id);
      // Under another type they are sent again: the first sender may not have known what it had.
      if (stored?.contentType === info.contentType) {
        const media = [{ link, content: null }];
        await storeBatch(this.#ingest, projectId, { observations: [], scores: [], media, bytes: LINK_BYTES });
        return context.json({ mediaId: info.id, uploadUrl: null });
      }
      const expiresAt = Date.now() + TICKET_LIFETIME_MS;
      const ticket = this.#tickets.issue({ use: "upload", projectId, expiresAt, info, link });
      const uploadUrl = `${originOf(context)}${this.#basePath}/api/public/media/upload/${ticket}`;
      return context.json({ mediaId: info.id, uploadUrl }, 201);
    });
  }

  /** `PUT` to the address that {@link announce} gave: stored when the bytes are the ones announced. */
  async upload(context: Context, ticketText: string): Promise<Response> {
    const ticket = this.#tickets.check(ticketText, "upload", Date.now());
    if (ticket === null) throw new HttpError(403, "bad_ticket", "This upload address is not valid or out of date.");
    const { info, link } = ticket;
    const declared = context.req.header("content-length");
    if (declared !== undefined && Number(declared) !== info.contentLength) throw wrongLength(info.contentLength);
    const limits = { maxWireBytes: this.#maxBytes, maxBodyBytes: this.#maxBytes };
    return withBody(context.req.raw, limits, this.#ingest.budget, async (bytes) => {
      if (bytes.byteLength !== info.contentLength) throw wrongLength(info.contentLength);
      // `subtle` hashes on another thread.
      const hash = await crypto.subtle.digest("SHA-256", bytes);
      if (Buffer.from(hash).toString("base64") !== info.sha256) {
        throw new HttpError(400, "wrong_hash", "The SHA-256 of the body is not the announced one.");
      }
      const content = { info: { ...info, uploadedAt: Date.now() }, bytes };
      const batch = { observations: [], scores: [], media: [{ link, content }], bytes: bytes.byteLength + LINK_BYTES };
      await storeBatch(this.#ingest, ticket.projectId, batch);
      return context.body(null, 200);
    });
  }

  /** `PATCH /api/public/media/:id`: the client's report on its upload. The upload itself told us, unless it never came. */
  report(context: Context, mediaId: string): Promise<Response> {
    return withBody(context.req.raw, SMALL_BODY, this.#ingest.budget, async (body) => {
      parseJsonBody(body);
      const info = await this.#ingest.store.getMedia(projectOf(context), mediaId);
      if (info === null) throw new HttpError(404, "not_found", "No media with this id has arrived.");
      return context.json({});
    });
  }

  /** `GET /api/public/media/:id` */
  async describe(context: Context, mediaId: string): Promise<Response> {
    const projectId = projectOf(context);
    const info = await this.#ingest.store.getMedia(projectId, mediaId);
    if (info === null) throw new HttpError(404, "not_found", "There is no media with this id.");
    return context.json({
      mediaId,
      contentType: info.contentType,
      contentLength: info.contentLength,
      ...this.addressOf(context, projectId, mediaId),
      uploadedAt: new Date(info.uploadedAt).toISOString(),
    });
  }

  /** Where the bytes can be fetched without credentials, for a while. */
  addressOf(context: Context, projectId: string, mediaId: string): { url: string; urlExpiry: string } {
    const expiresAt = Date.now() + TICKET_LIFETIME_MS;
    const ticket = this.#tickets.issue({ use: "download", projectId, expiresAt, mediaId });
    const url = `${originOf(context)}${this.#basePath}/api/public/media/download/${ticket}`;
    return { url, urlExpiry: new Date(expiresAt).toISOString() };
  }

  /** `GET` of the address that {@link describe} gave. */
  async download(context: Context, ticketText: string): Promise<Response> {
    const ticket = this.#tickets.check(ticketText, "download", Date.now());
    if (ticket === null) throw new HttpError(403, "bad_ticket", "This address is not valid or out of date.");
    return answerMedia(context, this.#ingest.store, ticket.projectId, ticket.mediaId);
  }
}

/**
 * How the client reached this server, which is how it reaches it again: behind a port mapping or a proxy the server cannot know.
 *
 * @throws {HttpError} 400 when the request names no host.
 */
function originOf(context: Context): string {
  const host = context.req.header("host") ?? "";
  if (hostnameOf(host) === null) throw new HttpError(400, "bad_request", "The request has no valid Host header.");
  const forwarded = context.req.header("x-forwarded-proto")?.split(",")[0]?.trim().toLowerCase();
  return `${forwarded === "https" ? "https" : "http"}://${host}`;
}

function wrongLength(contentLength: number): HttpError {
  return new HttpError(400, "wrong_length", `${contentLength} bytes were announced.`);
}
