/**
 * An item keeps its earlier versions: `valid_to` is NULL on the one that holds. Clients ask for a dataset as it was when a run was
 * made.
 */
export const migration0011 = `
CREATE TABLE datasets (
  project_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  metadata TEXT,
  input_schema TEXT,
  expected_output_schema TEXT,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  PRIMARY KEY (project_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX datasets_by_name ON datasets (project_id, name);

CREATE TABLE dataset_items (
  project_id TEXT NOT NULL,
  id TEXT NOT NULL,
  valid_from REAL NOT NULL,
  valid_to REAL,
  dataset_id TEXT NOT NULL,
  input TEXT,
  expected_output TEXT,
  metadata TEXT,
  source_trace_id TEXT,
  source_observation_id TEXT,
  status TEXT NOT NULL,
  created_at REAL NOT NULL,
  PRIMARY KEY (project_id, id, valid_from)
);
CREATE INDEX dataset_items_by_dataset ON dataset_items (project_id, dataset_id, created_at DESC, id DESC) WHERE valid_to IS NULL;
CREATE INDEX dataset_items_by_source ON dataset_items (project_id, source_trace_id) WHERE source_trace_id IS NOT NULL;

CREATE TABLE dataset_runs (
  project_id TEXT NOT NULL,
  id TEXT NOT NULL,
  dataset_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  metadata TEXT,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  PRIMARY KEY (project_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX dataset_runs_by_name ON dataset_runs (project_id, dataset_id, name);

CREATE TABLE dataset_run_items (
  project_id TEXT NOT NULL,
  id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  observation_id TEXT,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  PRIMARY KEY (project_id, id)
) WITHOUT ROWID;
CREATE INDEX dataset_run_items_by_run ON dataset_run_items (project_id, run_id, created_at DESC, id DESC);
CREATE INDEX dataset_run_items_by_item ON dataset_run_items (project_id, item_id);
`;
