/**
 * The query language as far as an editor needs it: where clauses, fields and values are in the text. The server alone says what a
 * query means (`docs/query-language.md`); what is not understood here is left as it is written.
 */

export interface Clause {
  /** In UTF-16 units of the query, `end` exclusive. */
  start: number;
  end: number;
  isNegated: boolean;
  /** `null` for a free word. */
  field: string | null;
  /** "", ">", ">=", "<" or "<=". */
  operator: string;
  /** Without quotes; several for `field:(a OR b)`. */
  values: string[];
  /** Where the value begins: behind the colon and the operator. */
  valueStart: number;
}

const FIELD = /^(-?)([A-Za-z][\w]*(?:\.(?:"(?:[^"\\]|\\.)*"|[\w.-]+))?):(>=|<=|>|<)?/;

/** Quoted text, a group in parentheses, or everything up to the next space. */
const VALUE = /^(?:"(?:[^"\\]|\\.)*"?|\((?:"(?:[^"\\]|\\.)*"?|[^()"])*\)?|[^\s]*)/;

export function parseClauses(query: string): Clause[] {
  const clauses: Clause[] = [];
  let at = 0;
  while (at < query.length) {
    if (/\s/.test(query[at] ?? "")) {
      at++;
      continue;
    }
    const rest = query.slice(at);
    const head = FIELD.exec(rest);
    if (head !== null) {
      const valueStart = at + head[0].length;
      const value = VALUE.exec(query.slice(valueStart))?.[0] ?? "";
      clauses.push({
        start: at,
        end: valueStart + value.length,
        isNegated: head[1] === "-",
        field: head[2] ?? "",
        operator: head[3] ?? "",
        values: readValues(value),
        valueStart,
      });
    } else {
      const isNegated = rest.startsWith("-") && rest.length > 1;
      const valueStart = at + (isNegated ? 1 : 0);
      // At least one character, so that the walk always goes on.
      const value = VALUE.exec(query.slice(valueStart))?.[0] || (query[valueStart] ?? "");
      const end = valueStart + value.length;
      clauses.push({ start: at, end, isNegated, field: null, operator: "", values: readValues(value), valueStart });
    }
    at = Math.max(at + 1, clauses.at(-1)?.end ?? at + 1);
  }
  return clauses;
}

function readValues(text: string): string[] {
  const inner = text.startsWith("(") ? text.slice(1, text.endsWith(")") ? -1 : undefined) : text;
  if (!text.startsWith("(")) return inner === "" ? [] : [unquote(inner)];
  const parts = inner.match(/"(?:[^"\\]|\\.)*"?|[^\s"]+/g) ?? [];
  return parts.filter((part) => part !== "OR").map(unquote);
}

export function quote(value: string): string {
  return /^[\w./@+-]+$/.test(value) && value !== "OR" && value !== "AND" && value !== "NOT"
    ? value
    : `"${value.replaceAll(/["\\]/g, (character) => `\\${character}`)}"`;
}

function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, text.length > 1 && text.endsWith('"') ? -1 : undefined).replaceAll(/\\(.)/g, "$1");
}

export function clauseText(field: string, values: readonly string[]): string {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return `${field}:${quote(only)}`;
  return `${field}:(${values.map(quote).join(" OR ")})`;
}

/** The values that the query selects of a field: what a facet shows as chosen. */
export function chosenValues(query: string, field: string): string[] {
  return parseClauses(query)
    .filter((clause) => clause.field === field && !clause.isNegated && clause.operator === "")
    .flatMap((clause) => clause.values);
}

/** The query with exactly these values of the field selected; its other clauses stay where they are. */
export function chooseValues(query: string, field: string, values: readonly string[]): string {
  const own = parseClauses(query).filter(
    (clause) => clause.field === field && !clause.isNegated && clause.operator === "",
  );
  let text = query;
  for (const clause of own.slice(1).toReversed()) text = cut(text, clause);
  const [first] = own;
  if (first === undefined) return values.length === 0 ? text : `${text.trim()} ${clauseText(field, values)}`.trim();
  return values.length === 0
    ? cut(text, first)
    : `${text.slice(0, first.start)}${clauseText(field, values)}${text.slice(first.end)}`;
}

export function toggleValue(query: string, field: string, value: string): string {
  const chosen = chosenValues(query, field);
  const next = chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value];
  return chooseValues(query, field, next);
}

export function excludeValue(query: string, field: string, value: string): string {
  return `${query.trim()} -${clauseText(field, [value])}`.trim();
}

export function removeClause(query: string, clause: Clause): string {
  return cut(query, clause);
}

function cut(text: string, { start, end }: Pick<Clause, "start" | "end">): string {
  return `${text.slice(0, start).trimEnd()} ${text.slice(end).trimStart()}`.trim();
}
