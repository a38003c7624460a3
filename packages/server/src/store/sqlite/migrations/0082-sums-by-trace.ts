/**
 * Sums by environment, release and trace name are kept under what the trace has, not the row. Those that were kept before stay until something
 * comes for their trace, or it is deleted: `summed_as_trace` says which they are. To move all of them would read all rows, 9 µs each.
 *
 * `rollups_by_row` has the hours whose sums cannot tell: some rows left it to another row of their trace, and some of the project say something else.
 */
export const migration0082 = `
ALTER TABLE trace_summaries ADD COLUMN summed_as_trace INTEGER NOT NULL DEFAULT 0;
CREATE TABLE rollups_by_row (
  project_id TEXT NOT NULL,
  dimension TEXT NOT NULL,
  hour INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (project_id, dimension, hour)
) WITHOUT ROWID;
INSERT INTO rollups_by_row SELECT project_id, dimension, hour, value FROM rollups
WHERE dimension = 'traceName' AND value = ''
  OR dimension = 'release' AND value = ''
    AND project_id IN (SELECT project_id FROM rollups WHERE dimension = 'release' AND value <> '')
  OR dimension = 'environment' AND value = 'default'
    AND project_id IN (SELECT project_id FROM rollups WHERE dimension = 'environment' AND value <> 'default');
`;
