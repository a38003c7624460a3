/** What Langfuse batches began and did not end, few at any time: see `ingest/langfuse/silence.ts`. */
export const migration0062 = `
CREATE INDEX rows_open_batch ON observation_rows (project_id, trace_id, id) WHERE end_time IS NULL AND field_orders IS NOT NULL;
`;
