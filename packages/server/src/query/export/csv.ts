/**
 * What spreadsheets take for a formula by its first character, full-width ones too: https://owasp.org/www-community/attacks/CSV_Injection. Apostrophes in
 * front are looked through, so that a text which had one keeps it.
 */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/** As in JSON: `-5` is a number to everybody. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * A cell of RFC 4180. What begins like a formula, and is no number, gets an apostrophe in front: what models and users say is anybody's text, and a
 * spreadsheet would run it. Whoever wants the text takes that one apostrophe away.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param cells of {@link csvCell}. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}
