/**
 * Payload sits in a table of its own, so that pages of the observations table hold many small rows and list and tree queries never
 * page over megabytes of text. `traces` is an index, not a model: what a trace is called or costs is computed from its rows, and
 * `rev` says when a computed summary is out of date.
 */
export const migration0001 = `
CREATE TABLE observations (
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
  has_input INTEGER NOT NULL,
  has_output INTEGER NOT NULL,
  PRIMARY KEY (project_id, trace_id, id)
) WITHOUT ROWID;

CREATE TABLE payloads (
  project_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  input TEXT,
  output TEXT,
  metadata TEXT,
  model_parameters TEXT,
  trace_metadata TEXT,
  attributes TEXT,
  resource TEXT,
  events TEXT,
  PRIMARY KEY (project_id, trace_id, id)
);

CREATE TABLE traces (
  project_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  start_time REAL NOT NULL,
  rev INTEGER NOT NULL,
  PRIMARY KEY (project_id, trace_id)
) WITHOUT ROWID;
CREATE INDEX traces_by_start ON traces (project_id, start_time DESC, trace_id DESC, rev);

CREATE TABLE scores (
  project_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  data_type TEXT NOT NULL,
  value REAL,
  string_value TEXT,
  source TEXT NOT NULL,
  comment TEXT,
  metadata TEXT,
  trace_id TEXT,
  observation_id TEXT,
  session_id TEXT,
  timestamp REAL NOT NULL,
  PRIMARY KEY (project_id, id)
) WITHOUT ROWID;
CREATE INDEX scores_by_trace ON scores (project_id, trace_id, timestamp, id);
`;
