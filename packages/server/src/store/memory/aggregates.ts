import { SCORE_TYPES, type Facts } from "../../query/aggregate/facts.ts";
import { isScoreView, type AggregateQuery, type AggregateRow } from "../../query/aggregate/query.ts";
import { AggregateTable } from "../../query/aggregate/table.ts";
import type { TraceView } from "../../query/language/evaluate.ts";
import { usageCounter } from "./usage-counter.ts";
import type { AggregateReads } from "../aggregates.ts";
import type { MemoryObservations } from "./observations.ts";
import type { MemoryScores } from "./scores.ts";

export class MemoryAggregates implements AggregateReads {
  readonly #observations: MemoryObservations;
  readonly #scores: MemoryScores;

  constructor(observations: MemoryObservations, scores: MemoryScores) {
    this.#observations = observations;
    this.#scores = scores;
  }

  async aggregate(projectId: string, query: AggregateQuery): Promise<AggregateRow[]> {
    const table = new AggregateTable(query);
    const rows = isScoreView(query.view)
      ? await this.#ofScores(projectId, query)
      : query.view === "traces"
        ? this.#ofTraces(projectId, query)
        : this.#rows(projectId, query);
    for (const facts of rows) table.add(facts);
    return table.toRows();
  }

  #ofTraces(projectId: string, query: AggregateQuery): Facts[] {
    return this.#observations.select(projectId, "traces", query).map(({ trace }): Facts => {
      const { startTime, durationMs, observationCount, totalTokens, cost } = trace.summary;
      return {
        ...factsOfTrace(trace),
        time: startTime,
        duration: durationMs,
        observations: observationCount,
        tokens: totalTokens,
        cost,
        scores: trace.scores.length,
      };
    });
  }

  #rows(projectId: string, query: AggregateQuery): Facts[] {
    const isCounted = usageCounter();
    return this.#observations.select(projectId, "observations", query).flatMap(({ trace, observation }): Facts[] => {
      if (observation === null) return [];
      const { startTime, endTime, completionStartTime, type, name, level, version } = observation;
      return [
        {
          ...factsOfTrace(trace),
          time: startTime,
          endTime,
          completionStartTime,
          type,
          name,
          level,
          version,
          model: observation.model,
          promptName: observation.promptName,
          promptVersion: observation.promptVersion,
          isRoot: observation.isRoot ? 1 : 0,
          usage: observation.usage === null ? null : JSON.stringify(observation.usage),
          cost: observation.cost === null ? null : JSON.stringify(observation.cost),
          countsUsage: isCounted(observation, trace) ? 1 : 0,
          scores: trace.scores.filter(({ observationId }) => observationId === observation.id).length,
        },
      ];
    });
  }

  async #ofScores(projectId: string, { view, from, to }: AggregateQuery): Promise<Facts[]> {
    const dataType = isScoreView(view) ? SCORE_TYPES[view] : [];
    const filter = { dataType, from, to };
    const { data } = await this.#scores.findScores(projectId, filter, { limit: Number.MAX_SAFE_INTEGER });
    return data.map((score): Facts => {
      const trace = score.traceId === null ? null : this.#observations.view(projectId, score.traceId);
      const observation = trace?.rows.find(({ id }) => id === score.observationId);
      const ofTrace = trace === null ? {} : factsOfTrace(trace);
      return {
        ...ofTrace,
        sessionId: score.sessionId ?? trace?.summary.sessionId ?? null,
        time: score.timestamp,
        environment: score.environment ?? null,
        name: score.name,
        source: score.source,
        dataType: score.dataType,
        configId: score.configId ?? null,
        value: score.value,
        stringValue: score.stringValue,
        observationName: observation?.name ?? null,
        observationModel: observation?.model ?? null,
        observationPrompt: observation?.promptName ?? null,
        observationPromptVersion: observation?.promptVersion ?? null,
      };
    });
  }
}

function factsOfTrace({ summary, version }: TraceView): Facts {
  return {
    environment: summary.environment,
    tags: JSON.stringify(summary.tags),
    traceName: summary.name,
    release: summary.release,
    traceVersion: version,
    userId: summary.userId,
    sessionId: summary.sessionId,
  };
}
