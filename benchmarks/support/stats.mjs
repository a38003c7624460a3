/** Figures of several rounds, and how they are written. */
export function quantile(values, q) {
  const sorted = Array.from(values).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
}

export function median(values) {
  const sorted = Array.from(values).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Digits by size: 0.043, 4.31, 43.1, 4,310. */
export function number(value) {
  if (value === undefined || value === null || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const range = (values) => `${number(Math.min(...values))}–${number(Math.max(...values))}`;

export function table(headers, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(headers), line(headers.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A bound and whether it is kept: by how much it is missed says whether it matters. */
export function verdict(value, limit) {
  if (value === undefined || Number.isNaN(value)) return "not measured";
  if (value <= limit) return "yes";
  return limit > 0 ? `no, ${number((value / limit - 1) * 100)} % over` : "no";
}

/** The verdict of several: the worst that is not yes. */
export const every = (...verdicts) => verdicts.find((it) => it !== "yes") ?? "yes";
