import type { Document } from "./documents.ts";
import { keywords, sentences } from "./words.ts";

export interface Extract {
  sentence: string;
  title: string | undefined;
}

/** Sentences of an answer, at most. */
const maxSentences = 3;
/** A further sentence has to be this good, relative to the first. */
const relativeThreshold = 0.15;
/** What a word of the question still counts once a chosen sentence has it, so that the next one covers another part. */
const coveredWeight = 0.3;
/** Longer sentences are usually tables or lists that lost their line breaks. */
const maxSentenceChars = 600;

/**
 * The sentences that answer the question best, best first: overlap of stems weighted by how rare they are among all
 * sentences, a title that fits counting as half a word. Deterministic; `rotate` starts at the n-th best sentence, which is
 * how several choices come to differ.
 */
export function extractSentences(question: string, documents: readonly Document[], rotate = 0): Extract[] {
  const wanted = new Set(keywords(question));
  const candidates = documents.flatMap((document) => {
    const titleStems = new Set(keywords(document.title ?? ""));
    return sentences(document.text)
      .filter((sentence) => sentence.length <= maxSentenceChars)
      .map((sentence) => ({ sentence, title: document.title, stems: keywords(sentence), titleStems }));
  });
  const documentFrequency = new Map<string, number>();
  for (const { stems } of candidates) {
    for (const stem of new Set(stems)) documentFrequency.set(stem, (documentFrequency.get(stem) ?? 0) + 1);
  }
  const idf = (stem: string): number =>
    Math.log(1 + candidates.length / (documentFrequency.get(stem) ?? candidates.length));
  const rank = (pool: readonly Candidate[], covered: ReadonlySet<string>): Scored[] =>
    pool
      .map((candidate) => ({ candidate, score: scoreOf(candidate, wanted, covered, idf) }))
      .filter(({ score }) => score > 0)
      .toSorted((a, b) => b.score - a.score);

  const ranked = rank(candidates, new Set());
  const first = ranked[rotate % Math.max(1, ranked.length)];
  if (first === undefined) {
    // Nothing shares a word with the question: a short document (a tool's "60") still is the answer.
    const start = rotate % Math.max(1, candidates.length);
    return candidates.slice(start, candidates.length <= maxSentences ? undefined : start + 1);
  }
  const chosen = [first.candidate];
  while (chosen.length < maxSentences) {
    const covered = new Set(chosen.flatMap(({ stems }) => stems));
    const taken = new Set(chosen.map(({ sentence }) => sentence));
    const rest = candidates.filter(({ sentence }) => !taken.has(sentence));
    const next = rank(rest, covered)[0];
    if (next === undefined || next.score < first.score * relativeThreshold) break;
    chosen.push(next.candidate);
  }
  return chosen;
}

interface Candidate extends Extract {
  stems: string[];
  titleStems: Set<string>;
}

interface Scored {
  candidate: Candidate;
  score: number;
}

function scoreOf(
  candidate: Candidate,
  wanted: ReadonlySet<string>,
  covered: ReadonlySet<string>,
  idf: (stem: string) => number,
): number {
  const own = new Set(candidate.stems);
  let score = 0;
  for (const stem of wanted) {
    const weight = idf(stem) * (covered.has(stem) ? coveredWeight : 1);
    if (own.has(stem)) score += weight;
    else if (candidate.titleStems.has(stem)) score += weight / 2;
  }
  // Long sentences match by chance; the offset keeps one-word fragments from winning.
  return score / Math.sqrt(12 + candidate.stems.length);
}
