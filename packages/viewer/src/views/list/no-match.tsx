import { formatExact } from "../../model/format.ts";
import { parseClauses, removeClause } from "../../query/clauses.ts";
import buttons from "../../ui/button.module.css";
import { Notice } from "../../ui/notice.tsx";
import type { ListStateControl } from "../../ui/use-list-state.ts";

interface NoMatchProps {
  nouns: readonly [string, string];
  state: ListStateControl;
  /** The query itself is wrong: the bar says where. */
  isWrong: boolean;
}

/** A list that is empty by its filter: each clause can be dropped by a click. */
export function NoMatch({ nouns, state, isWrong }: NoMatchProps) {
  const { q, range, change } = state;
  const clauses = parseClauses(q);
  return (
    <Notice
      title={isWrong ? "The filter is not understood" : `No ${nouns[0]} matches`}
      level={2}
      actions={
        <>
          {clauses.length > 1 &&
            clauses.slice(0, 6).map((clause) => (
              <button
                key={clause.start}
                type="button"
                className={buttons["text"]}
                onClick={() => change({ q: removeClause(q, clause) })}
              >
                Without {q.slice(clause.start, clause.end)}
              </button>
            ))}
          {q !== "" && (
            <button type="button" className={buttons["text"]} onClick={() => change({ q: "" })}>
              Clear the filter
            </button>
          )}
          {range.kind !== "all" && (
            <button type="button" className={buttons["text"]} onClick={() => change({ range: { kind: "all" } })}>
              Look at all time
            </button>
          )}
        </>
      }
    >
      <p>
        {isWrong
          ? "Nothing is shown, as a part of it would have been left out. The bar above says what is wrong."
          : clauses.length > 1
            ? `All ${formatExact(clauses.length)} conditions have to hold. Leave one out:`
            : "Nothing that is stored fits what is asked for."}
      </p>
    </Notice>
  );
}
