import type { RowScore, Score, TraceSummary } from "../../api/types.ts";
import type { Counted } from "../datasets.ts";
import { boundScore } from "../row-bounds.ts";
import type { ScoreFilter, ScoreOperator, ScorePage, ScoreReads, ScoreWrites, ScoredTrace } from "../scores.ts";

const COMPARE: Record<ScoreOperator, (a: number, b: number) => boolean> = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** What a filter asks of a scored trace. */
type FindTrace = (projectId: string, traceId: string) => Promise<Pick<TraceSummary, "userId" | "tags"> | null>;

export class MemoryScores implements ScoreReads, ScoreWrites {
  readonly #findTrace: FindTrace;
  readonly #projects = new Map<string, Map<string, Score>>();
  #version = 0;

  constructor(findTrace: FindTrace) {
    this.#findTrace = findTrace;
  }

  /** Changes with the scores. */
  get version(): number {
    return this.#version;
  }

  deleteOfProject(projectId: string): void {
    this.#version += 1;
    this.#projects.delete(projectId);
  }

  write(projectId: string, score: Score): void {
    this.#version += 1;
    let scores = this.#projects.get(projectId);
    if (scores === undefined) this.#projects.set(projectId, (scores = new Map<string, Score>()));
    const createdAt = scores.get(score.id)?.createdAt ?? score.createdAt;
    scores.set(score.id, { ...score, createdAt });
  }

  deleteOfTrace(projectId: string, traceId: string): void {
    this.#version += 1;
    for (const { id } of this.ofTrace(projectId, traceId)) this.#projects.get(projectId)?.delete(id);
  }

  ofTrace(projectId: string, traceId: string): Score[] {
    return [...(this.#projects.get(projectId)?.values() ?? [])]
      .filter((score) => score.traceId === traceId)
      .toSorted((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
  }

  async listScores(projectId: string, traceId: string): Promise<Score[]> {
    return this.ofTrace(projectId, traceId);
  }

  async findScores(
    projectId: string,
    { trace, ...filter }: ScoreFilter,
    { limit, offset = 0, after }: ScorePage,
  ): Promise<Counted<Score>> {
    const own = [...(this.#projects.get(projectId)?.values() ?? [])].filter((score) => isSelected(score, filter));
    const found = (trace === undefined ? own : await this.#ofTraces(projectId, own, trace)).toSorted(newestFirst);
    const rest = after === undefined ? found : found.filter((score) => newestFirst(after, score) < 0);
    return { data: rest.slice(offset, offset + limit), total: found.length };
  }

  async #ofTraces(projectId: string, scores: Score[], { userId, tags = [] }: ScoredTrace): Promise<Score[]> {
    const wanted = new Set<string>();
    for (const traceId of new Set(scores.flatMap((score) => score.traceId ?? []))) {
      const trace = await this.#findTrace(projectId, traceId);
      if (trace === null || (userId !== undefined && trace.userId !== userId)) continue;
      if (tags.every((tag) => trace.tags.includes(tag))) wanted.add(traceId);
    }
    return scores.filter(({ traceId }) => traceId !== null && wanted.has(traceId));
  }

  async findRowScores(projectId: string, filter: ScoreFilter, page: ScorePage): Promise<Counted<RowScore>> {
    const { data, total } = await this.findScores(projectId, filter, page);
    return { data: data.map(boundScore), total };
  }

  async deleteScore(projectId: string, id: string): Promise<Score | null> {
    const scores = this.#projects.get(projectId);
    const score = scores?.get(id) ?? null;
    this.#version += 1;
    scores?.delete(id);
    return score;
  }
}

type Key = Pick<Score, "timestamp" | "id">;

function newestFirst(a: Key, b: Key): number {
  return b.timestamp - a.timestamp || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
}

function isSelected(score: Score, { from, to, comment, compare = [], ...lists }: Omit<ScoreFilter, "trace">): boolean {
  if (from !== undefined && score.timestamp < from) return false;
  if (to !== undefined && score.timestamp >= to) return false;
  if (comment !== undefined && !lower(score.comment ?? "").includes(lower(comment))) return false;
  const { value } = score;
  if (!compare.every((wanted) => value !== null && COMPARE[wanted.operator](value, wanted.value))) return false;
  return (Object.entries(lists) as [keyof typeof lists, readonly unknown[] | undefined][]).every(
    ([field, wanted]) => wanted === undefined || wanted.includes(score[field]),
  );
}

/** As SQLite's `lower`. */
function lower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
