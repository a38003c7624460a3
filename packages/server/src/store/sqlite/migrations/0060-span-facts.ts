/** JSON: kind, flags, links and whatever else OpenTelemetry says of a span. NULL on what came before, and on rows of Langfuse batches. */
export const migration0060 = "ALTER TABLE observation_payloads ADD COLUMN span";
