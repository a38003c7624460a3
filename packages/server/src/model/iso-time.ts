const DATE = /^(?:\d{4}|[+-]\d{6})-\d{2}-\d{2}$/;
const CLOCK = /^(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Epoch milliseconds, with microseconds as their fraction, of a date or a date with a time in ISO 8601. `Date.parse` takes far more: it reads
 * "1" as 2001 and the 30th of February as a day in March. A time without a zone is UTC here and not of this machine's zone, so that it means
 * the same everywhere.
 *
 * @returns `null` for any other text.
 */
export function parseIsoTime(text: string): number | null {
  const [date = "", clock, ...more] = text.toUpperCase().split("T");
  if (!DATE.test(date) || more.length > 0) return null;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // A day that its month does not have moves on to the next month.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return null;
  if (clock === undefined) return midnight;
  const [, time, zone = "Z"] = CLOCK.exec(clock) ?? [];
  if (time === undefined) return null;
  const parsed = Date.parse(`${date}T${time}${zone.replace(/(?<=^.\d{2})(?=\d{2}$)/, ":")}`);
  if (Number.isNaN(parsed)) return null;
  const micros = /\.\d{3}(\d{1,6})/.exec(time)?.[1];
  return micros === undefined ? parsed : parsed + Number(`0.${micros}`);
}
