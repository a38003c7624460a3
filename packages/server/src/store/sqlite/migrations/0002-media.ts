/**
 * The bytes of a media are cut into parts, so that a range of a long recording is read without the rest. A link outlives a failed upload;
 * it then names a media that is not there, as the payload does.
 */
export const migration0002 = `
CREATE TABLE media (
  project_id TEXT NOT NULL,
  id TEXT NOT NULL,
  content_type TEXT NOT NULL,
  content_length INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  uploaded_at REAL NOT NULL,
  PRIMARY KEY (project_id, id)
) WITHOUT ROWID;

CREATE TABLE media_parts (
  project_id TEXT NOT NULL,
  media_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (project_id, media_id, part)
);

CREATE TABLE media_links (
  project_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  observation_id TEXT NOT NULL,
  field TEXT NOT NULL,
  media_id TEXT NOT NULL,
  PRIMARY KEY (project_id, trace_id, observation_id, field, media_id)
) WITHOUT ROWID;
`;
