/** Text that compresses as real text does (about 3 times by gzip 1), the same in every run. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.mjs";
import { words } from "./words.mjs";

/** Words that follow a word; real text is that predictable or more. */
const FOLLOWERS = 24;

/** A generator of numbers from 0 to 1 that always starts the same: mulberry32. */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Larger than any window of gzip or zstd at their fast levels: what was cut from it before does not help to compress. */
const POOL_BYTES = 32 * 1024 * 1024;

const poolFile = join(cacheFolder, `prose-${POOL_BYTES}.txt`);

/** Writes the pool, unless it is there: making it in the measured process would leave its garbage in the figures. */
export function prepareProse() {
  if (existsSync(poolFile)) return;
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(poolFile, write(createRandom(1), POOL_BYTES));
}

/** A function that cuts a new string of `length` characters from the pool: writing it would cost more than what is measured. */
export function createProse() {
  const random = createRandom(2);
  const pool = readFileSync(poolFile);
  return (length) => {
    const start = Math.floor(random() * (pool.length - length));
    return pool.latin1Slice(start, start + length);
  };
}

function write(random, length) {
  // Common words are common: a rank is drawn with a weight that falls off towards the end of the list.
  const followers = words.map(() => Array.from({ length: FOLLOWERS }, () => Math.floor(random() ** 2 * words.length)));
  const pool = Buffer.alloc(length, " ");
  let written = 0;
  let wordsInSentence = 0;
  let word = 0;
  while (written < length) {
    const endsSentence = ++wordsInSentence > 6 && random() < 0.12;
    written += pool.latin1Write(words[word] + (endsSentence ? ". " : wordsInSentence % 9 === 8 ? ", " : " "), written);
    if (endsSentence) wordsInSentence = 0;
    word = followers[word][Math.floor(random() ** 2.5 * FOLLOWERS)];
  }
  return pool;
}

/** As `createProse`, but of bytes that do not compress beyond what base64 itself allows. */
export function createNoise() {
  return (length) =>
    randomBytes(Math.ceil(length * 0.75))
      .toString("base64")
      .slice(0, length);
}
