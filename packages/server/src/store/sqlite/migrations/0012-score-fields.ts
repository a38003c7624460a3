export const migration0012 = `
ALTER TABLE scores ADD COLUMN environment TEXT;
ALTER TABLE scores ADD COLUMN config_id TEXT;
ALTER TABLE scores ADD COLUMN queue_id TEXT;
ALTER TABLE scores ADD COLUMN author_user_id TEXT;
ALTER TABLE scores ADD COLUMN dataset_run_id TEXT;
ALTER TABLE scores ADD COLUMN created_at REAL;
ALTER TABLE scores ADD COLUMN updated_at REAL;
CREATE INDEX scores_newest ON scores (project_id, timestamp DESC, id DESC);
`;
