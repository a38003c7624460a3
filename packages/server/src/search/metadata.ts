/** Values longer than this are not looked for; names and ids are shorter. */
export const MAX_TERM_CHARS = 200;
/** Metadata keys of one observation that can be looked for. */
export const MAX_METADATA_KEYS = 64;

export type IndexedMetadata = Readonly<Record<string, string | number | boolean>>;

/** Of the metadata that was asked for last: those of a trace come with each of its rows. */
export function rememberLast(): (json: string | null) => IndexedMetadata {
  let last: { json: string | null; indexed: IndexedMetadata } | undefined;
  return (json) => {
    if (last?.json !== json) last = { json, indexed: indexedMetadata(json) };
    return last.indexed;
  };
}

/** The top-level scalars of metadata, which is what a query can name. */
export function indexedMetadata(json: string | null): IndexedMetadata {
  if (json === null || !json.startsWith("{")) return {};
  const found: [string, string | number | boolean][] = [];
  for (const [key, value] of Object.entries(JSON.parse(json) as Record<string, unknown>)) {
    const isScalar = typeof value === "number" || typeof value === "boolean";
    if (isScalar || (typeof value === "string" && value.length <= MAX_TERM_CHARS)) found.push([key, value]);
    if (found.length >= MAX_METADATA_KEYS) break;
  }
  return Object.fromEntries(found);
}
