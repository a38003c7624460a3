/**
 * Parts of the full-text index are merged a few pages with each transaction (`automerge`, from 16 parts of a size on), and only beyond 64 of them
 * at once: as many as that are merged in time. At 16, which is SQLite's own, whoever wrote the sixteenth merged hundreds of megabytes.
 */
export const migration0071 = "INSERT INTO search (search, rank) VALUES ('crisismerge', 64)";
