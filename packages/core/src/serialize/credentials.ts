/**
 * What keeps credentials of the application's own objects out of a record. Plain objects and arrays are what the user wrote and
 * stay as given (masking is the user's tool); instances of classes, and what hangs on them, are somebody else's.
 */

const CREDENTIAL_WORDS =
  /api[-_]?key|authorization|secret|password|passwd|passphrase|credential|cookie|headers|bearer|connection[-_]?string/i;
/** `key` and `token` are credentials at the end of a few names only: `max_tokens`, `totalTokens` and `primaryKey` are data. */
const CREDENTIAL_ENDS =
  /(?:private|access|signing|encryption|subscription|account|auth)[-_]?key(?:[-_]?id)?$|token$|(?:auth|access|refresh|session)[-_]?tokens$|^[_$]?(?:auth|jwt|dsn)$/i;
/** Fields of clients, sockets and emitters; `client` and the like are telling where they hold an object only. */
const CONNECTION_FIELDS = /^_?(?:socket|connection|conn|pool|client|transport|https?Agent|fetch|handle)$/i;
const EMITTER_FIELD = "_events";

export function isCredentialKey(key: string): boolean {
  return CREDENTIAL_WORDS.test(key) || CREDENTIAL_ENDS.test(key);
}

/** An instance that holds a credential, or that works rather than says something: only its class's name is recorded. Looks at `maxKeys` fields. */
export function isClientLike(value: object, maxKeys: number): boolean {
  for (const key of Object.keys(value).slice(0, maxKeys)) {
    if (key === EMITTER_FIELD || isCredentialKey(key)) return true;
    const field: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
    if (typeof field === "function") return true;
    if (typeof field === "object" && field !== null && CONNECTION_FIELDS.test(key)) return true;
  }
  return false;
}
