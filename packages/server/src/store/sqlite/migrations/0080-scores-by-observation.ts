/** A trace may have thousands of scores, and the list of its observations asks for those of each. */
export const migration0080 = `
CREATE INDEX scores_by_observation ON scores (project_id, trace_id, observation_id, timestamp, id) WHERE observation_id IS NOT NULL;
`;
