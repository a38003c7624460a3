import type { ApiKey, CreatedApiKey } from "../api/settings.ts";
import { createKeyPair, hashSecret } from "../auth/secrets.ts";
import type { StoredKey } from "../store/projects.ts";

/** A new key: what is stored of it, and what its owner is told once. */
export function createStoredKey(
  projectId: string,
  note: string | null,
  now: number,
): { stored: StoredKey; created: CreatedApiKey } {
  const pair = createKeyPair();
  const key: ApiKey = {
    publicKey: pair.publicKey,
    secretHint: pair.secretKey.slice(-4),
    note,
    createdAt: now,
    lastUsedAt: null,
  };
  return {
    stored: { ...key, projectId, secretHash: hashSecret(pair) },
    created: { ...key, secretKey: pair.secretKey },
  };
}
