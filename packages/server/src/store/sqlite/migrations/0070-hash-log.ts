/** Hashes of the texts from `first_id` on, one after the other, which may not be in `blob_hashes` yet: see `payload/hash-index.ts`. */
export const migration0070 = "CREATE TABLE hash_log (first_id INTEGER PRIMARY KEY, hashes BLOB NOT NULL)";
