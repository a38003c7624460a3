/** Rows of start records, by the process that sent them: few at any time, and found without reading the others. */
export const migration0020 = `
CREATE INDEX observations_open ON observations (project_id, instance_id) WHERE rank = 0 AND instance_id IS NOT NULL;
`;
