/**
 * Errors are looked for most, and few: without an index of their own a page of them walks over all that went well in between. It has what the index
 * by start has, so that what else is asked of them is asked of the index. A row that is no error costs nothing.
 */
export const migration0081 = `
CREATE INDEX observations_with_errors ON observation_rows
  (project_id, start_time, id, trace, type, level, name, model, duration, first_token, total_cost, tokens) WHERE level = 'ERROR';
`;
