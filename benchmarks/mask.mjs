/**
 * What the ready-made masks cost: microseconds for a 3 KB generation, milliseconds a MiB of prose, of text that is made to be slow, and the
 * longest block of the event loop. Time must grow with the text's length and no faster. `node benchmarks/mask.mjs`, after a build.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { apiKeys, bearerTokens, cards, emails, keys, maskWith, phones, urlPasswords } from "@spanwise/core/mask";
import { generationInput, generationOutput } from "./support/workload.mjs";

const rules = {
  keys: keys(),
  apiKeys: apiKeys(),
  bearerTokens: bearerTokens(),
  urlPasswords: urlPasswords(),
  emails: emails(),
  cards: cards(),
  phones: phones(),
};
const all = Object.values(rules);
const MIB = 1024 * 1024;
const SMALL_ROUNDS = 3000;

const record = () => ({ kind: "observation", name: "draft", input: generationInput(1), output: generationOutput });
console.log(`Node ${process.version}\n\n| rules | µs for a generation of 3 KB |\n| --- | --- |`);
for (const [name, rule] of Object.entries({ ...rules, all: all.flat() })) {
  const mask = maskWith(rule);
  const given = record();
  for (let i = 0; i < SMALL_ROUNDS; i++) void mask(given);
  const before = performance.now();
  for (let i = 0; i < SMALL_ROUNDS; i++) void mask(given);
  console.log(`| ${name} | ${(((performance.now() - before) * 1000) / SMALL_ROUNDS).toFixed(1)} |`);
}

const fills = {
  prose: "The quick brown fox jumps over the lazy dog while the band plays on in the rain. ",
  a: "a",
  1: "1",
  "1 ": "1 ",
  4111: "4111 ",
  "@": "@",
  "a@": "a@",
  "a.": "a.",
  "a@a.": "a@a.",
  "sk-": "sk-",
  "-eyJ": "-eyJaaaaaaaaa",
  "eyJ.": "eyJaaaaaaaa.eyJ",
  "bearer ": "bearer ",
  "://": "://a:",
  "password=": "password=",
  'password="': 'password="',
  "\\": "password=\\\\",
  "+1": "+1",
  "0 12": "0 12",
  "(": "(555) ",
  PEM: ["-----BEGIN", "KEY-----"].join(" PRIVATE "),
};
console.log(
  "\n| text of | ms at 1 MiB | ms at 4 MiB | growth (4 is linear) | longest block ms |\n| --- | --- | --- | --- | --- |",
);
const mask = maskWith(...all);
for (const [name, fill] of Object.entries(fills)) {
  const times = [];
  let blockMs = 0;
  for (const bytes of [MIB, 4 * MIB]) {
    const input = fill.repeat(bytes / fill.length);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await new Promise((resolve) => setTimeout(resolve, 5));
    delay.reset();
    const before = performance.now();
    await mask({ kind: "observation", input });
    times.push(performance.now() - before);
    await new Promise((resolve) => setTimeout(resolve, 5));
    delay.disable();
    blockMs = delay.max / 1e6;
  }
  const [one, four] = times;
  console.log(
    `| ${name} | ${one.toFixed(0)} | ${four.toFixed(0)} | ${(four / one).toFixed(1)} | ${blockMs.toFixed(1)} |`,
  );
}
