import type { Totals } from "../../api/types.ts";
import { formatExact } from "../../model/format.ts";
import { Muted } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { Cost, Tokens } from "../traces/trace-columns.tsx";

interface Sums extends Totals {
  traceCount: number;
  errorCount: number;
}

/** The columns that sessions and users share: what their traces add up to. */
export function sumColumns<T extends Sums>(): Column<T>[] {
  return [
    column({
      id: "traces",
      label: "Traces",
      width: 60,
      align: "end",
      priority: 7,
      cell: ({ traceCount }) => formatExact(traceCount),
    }),
    column({
      id: "errors",
      label: "Errors",
      width: 56,
      align: "end",
      priority: 6,
      cell: ({ errorCount }) => <ErrorCount count={errorCount} />,
    }),
    column({
      id: "tokens",
      label: "Tokens",
      width: 104,
      align: "end",
      priority: 5,
      cell: (row) => <Tokens trace={row} />,
    }),
    column({ id: "cost", label: "Cost", width: 88, align: "end", priority: 8, cell: (row) => <Cost trace={row} /> }),
  ];
}

export function ErrorCount({ count }: { count: number }) {
  return count === 0 ? <Muted>–</Muted> : <span style={{ color: "var(--error)" }}>{formatExact(count)}</span>;
}
