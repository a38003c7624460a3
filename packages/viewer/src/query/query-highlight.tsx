import type { ReactNode } from "react";
import type { QueryErrorResponse } from "../api/types.ts";
import { parseClauses } from "./clauses.ts";
import styles from "./query-bar.module.css";

/** The text of the input once more, coloured, exactly behind it. Letters keep their width, so only colours may differ. */
export function QueryHighlight({ text, error }: { text: string; error: QueryErrorResponse | null }) {
  const pieces: ReactNode[] = [];
  let at = 0;
  const put = (from: number, to: number, className: string | undefined): void => {
    if (to <= from) return;
    const isWrong = error !== null && from < error.end && to > error.start;
    pieces.push(
      <span key={from} className={className} data-wrong={isWrong || undefined}>
        {text.slice(from, to)}
      </span>,
    );
  };
  for (const clause of parseClauses(text)) {
    put(at, clause.start, undefined);
    if (clause.field === null) put(clause.start, clause.end, styles["word"]);
    else {
      put(clause.start, clause.valueStart, clause.isNegated ? styles["not"] : styles["name"]);
      put(clause.valueStart, clause.end, styles["value"]);
    }
    at = clause.end;
  }
  put(at, text.length, undefined);
  return pieces;
}
