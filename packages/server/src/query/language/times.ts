import { parseIsoTime } from "../../model/iso-time.ts";

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

const DAY_MS = 86_400_000;

/**
 * Epoch milliseconds of what was written: a day or a month stands for all of it (`to` is where the next begins), a moment for itself.
 * Without a zone it is UTC, so that a link means the same to everybody.
 *
 * @returns `null` for what is no time.
 */
export function readTimeSpan(text: string, now: number): { from: number; to: number } | null {
  if (text === "now") return { from: now, to: now };
  const relative = /^(?:now)?([+-])(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  if (relative !== null) {
    const [, sign, amount = "", unit = ""] = relative;
    const time = now + (sign === "-" ? -1 : 1) * Number(amount) * (UNITS_MS[unit] ?? 0);
    return { from: time, to: time };
  }
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const from = parseIsoTime(text);
    return from === null ? null : { from, to: from + DAY_MS };
  }
  const month = /^(\d{4})-(\d{2})$/.exec(text);
  if (month !== null) {
    const from = parseIsoTime(`${text}-01`);
    return from === null ? null : { from, to: new Date(from).setUTCMonth(Number(month[2])) };
  }
  if (/T/i.test(text)) {
    const time = parseIsoTime(text);
    return time === null ? null : { from: time, to: time };
  }
  // Epoch milliseconds, as the API speaks.
  if (/^\d{12,14}(\.\d+)?$/.test(text)) return { from: Number(text), to: Number(text) };
  return null;
}
