import { setTimeout as sleep } from "node:timers/promises";
import type { Access } from "../http/project.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import type { ProjectReads, ProjectWrites, StoredKey } from "../store/projects.ts";
import { createToken, hashSecret, isSameHash, type KeyPair } from "./secrets.ts";

/** Another process (`spanwise keys`) may change the keys of the same file: what is known is at most this old. */
const REFRESH_MS = 30_000;
/** The same where keys are not asked for: any credentials come along, and none of them is waited for. */
const OPEN_REFRESH_MS = 1000;
/** An unknown key is looked up in the store. All that come within this time share one look. */
const GATHER_MS = 50;
/** How often last uses are written. */
const NOTE_MS = 60_000;

/**
 * All keys in memory, so that checking one costs a hash and no read. Keys of the command line open everything; keys of a project
 * open that project.
 */
export class KeyRing {
  readonly #store: ProjectReads & ProjectWrites;
  readonly #required: boolean;
  readonly #own: { publicKey: string; secretHash: string } | undefined;
  readonly #uses = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  /** Compared against where there is no such key, so that the answer takes as long. */
  readonly #decoy = hashSecret({ publicKey: "", secretKey: createToken() });
  #keys = new Map<string, StoredKey>();
  #loadedAt = 0;
  #loading: Promise<void> | undefined;
  #looking: Promise<void> | undefined;

  /** @param required false: keys only choose the project. */
  constructor(store: ProjectReads & ProjectWrites, own: KeyPair | undefined, required: boolean) {
    this.#store = store;
    this.#required = required;
    this.#own = own && { publicKey: own.publicKey, secretHash: hashSecret(own) };
    this.#timer = setInterval(() => void this.#writeUses(), NOTE_MS).unref();
  }

  get isEmpty(): boolean {
    return this.#own === undefined && this.#keys.size === 0;
  }

  /** Reads the keys anew. */
  load(): Promise<void> {
    this.#loading ??= this.#store
      .listKeys()
      .then((keys) => {
        this.#keys = new Map(keys.map((key) => [key.publicKey, key]));
        this.#loadedAt = Date.now();
      })
      .finally(() => {
        this.#loading = undefined;
      });
    return this.#loading;
  }

  /** What a pair of keys opens; `null` for a pair that is wrong or unknown. */
  async check(pair: KeyPair): Promise<Access | null> {
    const known = await this.#find(pair.publicKey);
    const isRight = isSameHash(hashSecret(pair), known?.secretHash ?? this.#decoy);
    return isRight && known !== null ? this.#open(known.access, pair.publicKey) : null;
  }

  /** What a public key opens by itself: sending scores. */
  async checkPublic(publicKey: string): Promise<Access | null> {
    const known = await this.#find(publicKey);
    return known === null ? null : this.#open({ ...known.access, isAdmin: false, scoresOnly: true }, publicKey);
  }

  /** Writes the last uses. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writeUses();
  }

  async #find(publicKey: string): Promise<{ access: Access; secretHash: string } | null> {
    if (publicKey === this.#own?.publicKey) {
      return { access: { projectId: DEFAULT_PROJECT_ID, isAdmin: true }, secretHash: this.#own.secretHash };
    }
    const age = Date.now() - this.#loadedAt;
    const isUnknown = !this.#keys.has(publicKey);
    if (isUnknown && this.#required) await this.#lookAgain();
    // A failed look leaves what is known; the next one tries again.
    else if (age > (isUnknown ? OPEN_REFRESH_MS : REFRESH_MS)) this.load().catch(() => undefined);
    const key = this.#keys.get(publicKey);
    if (key === undefined) return null;
    return { access: { projectId: key.projectId, isAdmin: false }, secretHash: key.secretHash };
  }

  #lookAgain(): Promise<void> {
    this.#looking ??= sleep(GATHER_MS, undefined, { ref: false })
      .then(() => this.load())
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  #open(access: Access, publicKey: string): Access {
    if (this.#keys.has(publicKey)) this.#uses.set(publicKey, Date.now());
    return access;
  }

  async #writeUses(): Promise<void> {
    if (this.#uses.size === 0) return;
    const uses = [...this.#uses].map(([publicKey, lastUsedAt]) => ({ publicKey, lastUsedAt }));
    this.#uses.clear();
    // When a key was last used is a hint: a full queue or a closed store may cost one.
    await this.#store.noteKeyUse(uses).catch(() => undefined);
  }
}
