/** What is small and kept as long as the file: projects, their keys (hashes only) and prices, settings of the server. */
export const migration0030 = `
CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at REAL NOT NULL
) WITHOUT ROWID;
INSERT INTO projects (id, name, created_at) VALUES ('default', 'default', CAST(strftime('%s', 'now') AS INTEGER) * 1000);

CREATE TABLE api_keys (
  public_key TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  secret_hint TEXT NOT NULL,
  note TEXT,
  created_at REAL NOT NULL,
  last_used_at REAL
) WITHOUT ROWID;

CREATE TABLE prices (
  project_id TEXT NOT NULL,
  id TEXT NOT NULL,
  match TEXT NOT NULL,
  provider TEXT,
  prices TEXT NOT NULL,
  created_at REAL NOT NULL,
  PRIMARY KEY (project_id, id)
) WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
`;
