/** Traces, and with an empty `trace_id` projects, of which a deletion has taken a part: whoever opens the file after a crash goes on with them. */
export const migration0083 = `
CREATE TABLE begun_deletions (
  project_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  PRIMARY KEY (project_id, trace_id)
) WITHOUT ROWID;
`;
