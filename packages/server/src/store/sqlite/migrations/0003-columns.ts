/**
 * Rows get numbers in order of arrival, so that the trees grow at their ends and not all over. Payloads name texts that are kept once and
 * compressed in packs; `search` is the full-text index over them. `trace_summaries` has a row a trace with what lists filter and sort
 * by, written in the transaction that changes the trace. What the first schema held is brought over by `import-old-rows.ts`.
 *
 * Numbers that may be missing are -1 where lists sort by them: missing sorts as smallest.
 */
export const migration0003 = `
CREATE TABLE trace_summaries (
  rid INTEGER PRIMARY KEY,
  project_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  root INTEGER NOT NULL,
  start_time REAL NOT NULL,
  end_time REAL,
  duration REAL NOT NULL,
  cost REAL NOT NULL,
  cost_incomplete INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER,
  first_token REAL NOT NULL,
  observations INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  status TEXT NOT NULL,
  name TEXT NOT NULL,
  user_id TEXT,
  session_id TEXT,
  environment TEXT NOT NULL,
  release TEXT,
  version TEXT,
  public INTEGER NOT NULL,
  tags TEXT,
  models TEXT,
  UNIQUE (project_id, trace_id)
);
CREATE INDEX traces_by_start_time ON trace_summaries (project_id, start_time, trace_id);
CREATE INDEX traces_by_duration ON trace_summaries (project_id, duration, start_time, trace_id);
CREATE INDEX traces_by_cost ON trace_summaries (project_id, cost, start_time, trace_id);
CREATE INDEX traces_by_tokens ON trace_summaries (project_id, tokens, start_time, trace_id);
CREATE INDEX traces_by_first_token ON trace_summaries (project_id, first_token, start_time, trace_id);
CREATE INDEX traces_by_observations ON trace_summaries (project_id, observations, start_time, trace_id);
CREATE INDEX traces_by_errors ON trace_summaries (project_id, errors, start_time, trace_id);
CREATE INDEX traces_with_errors ON trace_summaries (project_id, start_time, trace_id) WHERE errors > 0;
CREATE INDEX traces_not_ok ON trace_summaries (project_id, status, start_time, trace_id) WHERE status <> 'ok';
CREATE INDEX traces_by_name ON trace_summaries (project_id, name, start_time, trace_id);
CREATE INDEX traces_by_user ON trace_summaries (project_id, user_id, start_time, trace_id) WHERE user_id IS NOT NULL;
CREATE INDEX traces_by_session ON trace_summaries (project_id, session_id, start_time, trace_id) WHERE session_id IS NOT NULL;

CREATE TABLE observation_rows (
  rid INTEGER PRIMARY KEY,
  trace INTEGER NOT NULL,
  project_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  parent_id TEXT,
  is_root INTEGER NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  start_time REAL NOT NULL,
  end_time REAL,
  completion_start_time REAL,
  level TEXT NOT NULL,
  status TEXT NOT NULL,
  status_message TEXT,
  rank INTEGER NOT NULL,
  model TEXT,
  provider TEXT,
  usage TEXT,
  cost TEXT,
  cost_source TEXT,
  usage_aggregate INTEGER NOT NULL,
  prompt_name TEXT,
  prompt_version INTEGER,
  trace_name TEXT,
  user_id TEXT,
  session_id TEXT,
  tags TEXT,
  environment TEXT,
  release TEXT,
  version TEXT,
  public INTEGER,
  instance_id TEXT,
  scope_name TEXT,
  scope_version TEXT,
  input_preview TEXT,
  output_preview TEXT,
  field_orders TEXT,
  has_input INTEGER NOT NULL,
  has_output INTEGER NOT NULL,
  duration REAL NOT NULL,
  first_token REAL NOT NULL,
  total_cost REAL NOT NULL,
  tokens INTEGER NOT NULL,
  input_tokens INTEGER,
  output_tokens INTEGER
);
CREATE UNIQUE INDEX observations_by_trace ON observation_rows (trace, id);
CREATE INDEX observations_by_start_time ON observation_rows (project_id, start_time, id);
CREATE INDEX rows_open ON observation_rows (project_id, instance_id) WHERE rank = 0 AND instance_id IS NOT NULL;

CREATE TABLE observation_payloads (
  obs INTEGER PRIMARY KEY,
  input,
  output,
  metadata,
  model_parameters,
  trace_metadata,
  attributes,
  resource,
  events,
  metadata_keys TEXT
);

CREATE TABLE packs (first_id INTEGER PRIMARY KEY, count INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE blob_hashes (hash BLOB PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
-- The owner is an observation, or a group of blobs as a negative number.
CREATE TABLE blob_refs (owner INTEGER NOT NULL, blob INTEGER NOT NULL, PRIMARY KEY (owner, blob)) WITHOUT ROWID;
CREATE INDEX blob_owners ON blob_refs (blob, owner);
-- Blobs that lost an owner: the next sweep looks whether they have another.
CREATE TABLE blob_candidates (blob INTEGER PRIMARY KEY);
CREATE VIRTUAL TABLE search USING fts5(text, content = '', contentless_delete = 1);

-- Which traces have an observation with this value of this field.
CREATE TABLE terms (
  id INTEGER PRIMARY KEY,
  project_id TEXT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (project_id, field, value)
);
CREATE TABLE trace_terms (trace INTEGER NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (trace, term)) WITHOUT ROWID;
CREATE INDEX term_traces ON trace_terms (term, trace);

CREATE INDEX scores_by_name ON scores (project_id, name, value, trace_id);
CREATE INDEX scores_by_time ON scores (project_id, timestamp, id);
CREATE INDEX scores_by_session ON scores (project_id, session_id, timestamp, id) WHERE session_id IS NOT NULL;
`;
