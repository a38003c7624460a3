import type { Score } from "../../api/types.ts";
import type { ScoreReads } from "../scores.ts";

export class MemoryScores implements ScoreReads {
  readonly #projects = new Map<string, Map<string, Score>>();

  write(projectId: string, score: Score): void {
    let scores = this.#projects.get(projectId);
    if (scores === undefined) this.#projects.set(projectId, (scores = new Map<string, Score>()));
    scores.set(score.id, score);
  }

  ofTrace(projectId: string, traceId: string): Score[] {
    return [...(this.#projects.get(projectId)?.values() ?? [])]
      .filter((score) => score.traceId === traceId)
      .toSorted((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
  }

  async listScores(projectId: string, traceId: string): Promise<Score[]> {
    return this.ofTrace(projectId, traceId);
  }
}
