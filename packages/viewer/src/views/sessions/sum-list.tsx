import { type ReactNode, useMemo, useRef } from "react";
import type { Page, Totals } from "../../api/types.ts";
import type { SumsQuery } from "../../api/use-sessions.ts";
import { rangeBounds } from "../../model/list-state.ts";
import { QueryBar } from "../../query/query-bar.tsx";
import { RangePicker } from "../../query/range-picker.tsx";
import type { Column } from "../../table/columns.ts";
import { PhoneRow, RowTitle } from "../../table/row-parts.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useListState } from "../../ui/use-list-state.ts";
import { NoMatch } from "../list/no-match.tsx";
import { PageList } from "../list/page-list.tsx";
import { Cost } from "../traces/trace-columns.tsx";
import styles from "./sum-list.module.css";

interface SumListProps<T extends Totals & { traceCount: number }> {
  project: string;
  title: string;
  nouns: readonly [one: string, many: string];
  fetchPage: (query: SumsQuery, signal: AbortSignal) => Promise<Page<T>>;
  idOf: (row: T) => string;
  timeOf: (row: T) => number;
  hrefOf: (row: T) => string;
  detailOf?: (row: T) => string | null;
  columns: readonly Column<T>[];
  /** While there is nothing at all: what it takes, and how it is done. */
  lesson: { text: ReactNode; code: string };
}

/** What traces add up to by something they carry, filtered in the language of traces. */
export function SumList<T extends Totals & { traceCount: number }>(props: SumListProps<T>) {
  const { project, title, nouns, fetchPage, idOf, timeOf, hrefOf, detailOf, columns, lesson } = props;
  const state = useListState();
  const { q, range, change } = state;
  const input = useRef<HTMLInputElement>(null);
  const source = useMemo(() => {
    const bounds = rangeBounds(range, Date.now());
    return {
      queryKey: [nouns[1], project, q, range],
      fetchPage: (cursor: string | null, signal: AbortSignal) => fetchPage({ project, q, ...bounds, cursor }, signal),
      idOf,
    };
  }, [nouns, project, q, range, fetchPage, idOf]);
  const isNarrowed = q !== "" || range.kind !== "all";
  return (
    <PageList
      title={title}
      nouns={nouns}
      source={source}
      columns={columns}
      hrefOf={hrefOf}
      phoneRow={(row, nowMs) => (
        <PhoneRow
          title={
            <RowTitle
              href={hrefOf(row)}
              title={idOf(row)}
              {...(detailOf === undefined ? {} : { detail: detailOf(row) })}
            />
          }
          facts={
            <>
              <span>
                {row.traceCount} {row.traceCount === 1 ? "trace" : "traces"}
              </span>
              <Cost trace={row} />
            </>
          }
          timeMs={timeOf(row)}
          nowMs={nowMs}
        />
      )}
      commands={() => [{ id: "query", label: "Filter", keys: ["/"], run: () => input.current?.focus() }]}
      toolbar={(queryError) => (
        <>
          <QueryBar
            target="traces"
            query={q}
            onQuery={(next) => change({ q: next })}
            error={queryError}
            inputRef={input}
          />
          <RangePicker range={range} onRange={(next) => change({ range: next })} />
        </>
      )}
      empty={(queryError) =>
        isNarrowed ? (
          <NoMatch nouns={nouns} state={state} isWrong={queryError !== null} />
        ) : (
          <Notice title={`No ${nouns[0]} yet`} level={2}>
            <p>{lesson.text}</p>
            <div className={styles["example"]}>
              <CodeBlock code={lesson.code} />
            </div>
          </Notice>
        )
      }
    />
  );
}
