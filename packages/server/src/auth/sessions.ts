import type { Access } from "../http/project.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import { createToken, hashSecret, isSameHash } from "./secrets.ts";

/** A session ends this long after its last request. */
const LIFETIME_MS = 12 * 60 * 60 * 1000;
/** The longest unused goes when there are more. */
const MAX_SESSIONS = 1000;

interface Session {
  access: Access;
  usedAt: number;
}

/** Browsers that are logged in. Kept in memory: after a restart one logs in again. */
export class Sessions {
  /** Opens everything; part of the address that the command prints and opens. Lives as long as the process. */
  readonly loginToken = createToken();
  readonly #sessions = new Map<string, Session>();

  /** @returns the cookie's value; `null` when the token is wrong. */
  logInByToken(token: string): string | null {
    const hash = (secretKey: string): string => hashSecret({ publicKey: "login", secretKey });
    if (!isSameHash(hash(token), hash(this.loginToken))) return null;
    return this.open({ projectId: DEFAULT_PROJECT_ID, isAdmin: true });
  }

  /** @returns the cookie's value. */
  open(access: Access): string {
    const id = createToken();
    this.#sessions.set(id, { access, usedAt: Date.now() });
    if (this.#sessions.size > MAX_SESSIONS) {
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined) this.#sessions.delete(oldest);
    }
    return id;
  }

  check(id: string): Access | null {
    const session = this.#sessions.get(id);
    if (session === undefined) return null;
    this.#sessions.delete(id);
    const now = Date.now();
    if (now - session.usedAt > LIFETIME_MS) return null;
    // Put back at the end: the first of the map is the one that was not used for longest.
    this.#sessions.set(id, { access: session.access, usedAt: now });
    return session.access;
  }

  close(id: string): void {
    this.#sessions.delete(id);
  }
}
