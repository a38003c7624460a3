/**
 * The index by start has what the list of observations is filtered and sorted by most, so that a walk over many rows, or a sort by something else,
 * reads a hundred bytes a row and not the row. It grows at its end, as rows come in the order of their starts, which makes the width cheap.
 */
export const migration0050 = `
DROP INDEX observations_by_start_time;
CREATE INDEX observations_by_start_time ON observation_rows
  (project_id, start_time, id, trace, type, level, name, model, duration, first_token, total_cost, tokens);
`;
