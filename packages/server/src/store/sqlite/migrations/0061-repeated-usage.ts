/**
 * 1 where what a row reports is reported below it too, so that it is in no sum. The writer keeps it; of what was there before, it is what the sums
 * of its hour were made by: the usage of what is no model call counts where no call of its trace reports its own.
 */
export const migration0061 = `
ALTER TABLE observation_rows ADD COLUMN repeats_usage INTEGER NOT NULL DEFAULT 0;
UPDATE observation_rows AS o SET repeats_usage = 1
WHERE o.type NOT IN ('generation', 'embedding') AND o.usage_aggregate = 0 AND (o.usage IS NOT NULL OR o.cost IS NOT NULL)
  AND EXISTS (SELECT 1 FROM observation_rows c WHERE c.trace = o.trace AND c.type IN ('generation', 'embedding')
    AND c.usage_aggregate = 0 AND (c.usage IS NOT NULL OR c.cost IS NOT NULL));
`;
