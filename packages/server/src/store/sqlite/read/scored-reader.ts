import { NOTHING_SCORED, type Scored, type ScoredReads } from "../../scored.ts";
import type { Sync } from "../../store.ts";
import type { PayloadValue } from "../columns.ts";
import type { ReadContext } from "../observation-reader.ts";
import { sql } from "./sql.ts";

interface TraceOfScore {
  rid: number;
  traceName: string;
  inputPreview: string | null;
  outputPreview: string | null;
}

interface ObservationOfScore {
  observationName: string;
  inputPreview: string | null;
  outputPreview: string | null;
  input: PayloadValue;
  output: PayloadValue;
}

export function createScoredReads({ runner, lists }: ReadContext): Sync<ScoredReads> {
  const traceOf = (projectId: string, traceId: string): TraceOfScore | undefined =>
    runner.get<TraceOfScore>(
      sql(
        `SELECT t.rid, t.name AS traceName, r.input_preview AS inputPreview, r.output_preview AS outputPreview
         FROM trace_summaries t LEFT JOIN observation_rows r ON r.rid = t.root WHERE t.project_id = ? AND t.trace_id = ?`,
        projectId,
        traceId,
      ),
    );
  const observationOf = (trace: number, id: string): ObservationOfScore | undefined =>
    runner.get<ObservationOfScore>(
      sql(
        `SELECT o.name AS observationName, o.input_preview AS inputPreview, o.output_preview AS outputPreview, p.input, p.output
         FROM observation_rows o JOIN observation_payloads p ON p.obs = o.rid WHERE o.trace = ? AND o.id = ?`,
        trace,
        id,
      ),
    );
  return {
    describeScored: (projectId, targets) =>
      targets.map(({ traceId, observationId }): Scored => {
        const trace = traceId === null ? undefined : traceOf(projectId, traceId);
        if (trace === undefined) return NOTHING_SCORED;
        const { rid, traceName, inputPreview, outputPreview } = trace;
        const observation = observationId === null ? undefined : observationOf(rid, observationId);
        if (observation === undefined) return { traceName, observationName: null, inputPreview, outputPreview };
        return {
          traceName,
          observationName: observation.observationName,
          inputPreview: observation.inputPreview ?? lists.preview(observation.input),
          outputPreview: observation.outputPreview ?? lists.preview(observation.output),
        };
      }),
  };
}
