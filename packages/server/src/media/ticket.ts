import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { MediaInfo, MediaLink } from "../model/media.ts";

/** How long an address to upload to or download from works. Langfuse's servers give as long. */
export const TICKET_LIFETIME_MS = 60 * 60 * 1000;

/** What the holder of an address may do, once. */
export type Ticket = { projectId: string; expiresAt: number } & (
  | { use: "upload"; info: Omit<MediaInfo, "uploadedAt">; link: MediaLink }
  | { use: "download"; mediaId: string }
);

/**
 * SDKs upload without credentials, to an address that is the credential: what was announced, signed. Nothing has to be remembered
 * between the two requests. The secret lives as long as the process: after a restart a client announces again.
 */
export class TicketOffice {
  readonly #secret = randomBytes(32);

  issue(ticket: Ticket): string {
    const text = Buffer.from(JSON.stringify(ticket)).toString("base64url");
    return `${text}.${this.#sign(text).toString("base64url")}`;
  }

  /** `null` when the ticket is forged, for another use, or out of date. */
  check<U extends Ticket["use"]>(text: string, use: U, now: number): Extract<Ticket, { use: U }> | null {
    const [body = "", signature = "", ...more] = text.split(".");
    const given = Buffer.from(signature, "base64url");
    const expected = this.#sign(body);
    if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    const ticket = JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as Ticket;
    return ticket.use === use && now < ticket.expiresAt ? (ticket as Extract<Ticket, { use: U }>) : null;
  }

  #sign(text: string): Buffer {
    return createHmac("sha256", this.#secret).update(text).digest();
  }
}
