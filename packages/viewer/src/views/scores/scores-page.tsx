import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { fetchScores, useDeleteScore } from "../../api/use-scores.ts";
import type { Score, ScoreListRow } from "../../api/types.ts";
import { rangeBounds } from "../../model/list-state.ts";
import type { PageProps } from "../../pages.tsx";
import { RangePicker } from "../../query/range-picker.tsx";
import { PhoneRow, RowTitle } from "../../table/row-parts.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { FormDialog } from "../../ui/form.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Choice, Popover } from "../../ui/popover.tsx";
import { withParameter } from "../../ui/url.ts";
import { useListState } from "../../ui/use-list-state.ts";
import { PageList } from "../list/page-list.tsx";
import { LowScores } from "./low-scores.tsx";
import { scoreColumns, scoreHref, ScoreValue } from "./score-columns.tsx";
import { SCORE_VALUES, ValueFilter } from "./value-filter.tsx";
import styles from "./scores.module.css";

const SOURCES: readonly { id: Score["source"]; label: string }[] = [
  { id: "ANNOTATION", label: "Given by hand" },
  { id: "API", label: "Sent by an application" },
  { id: "EVAL", label: "Given by an evaluator" },
];

const TYPES: readonly { id: Score["dataType"]; label: string }[] = [
  { id: "BOOLEAN", label: "Thumbs, yes or no" },
  { id: "NUMERIC", label: "Numbers" },
  { id: "CATEGORICAL", label: "Categories" },
  { id: "TEXT", label: "Texts" },
];

const EXAMPLE = 'span.score({ name: "helpful", value: 1, comment: "Found the page" });';

const idOf = (score: ScoreListRow): string => score.id;

export function ScoresPage({ project }: PageProps) {
  const { range, change } = useListState();
  const [params, setParams] = useSearchParams();
  const [name, source, dataType] = [params.get("name"), params.get("source"), params.get("type")];
  const [valueMin, valueMax, stringValue, comment] = SCORE_VALUES.map((key) => params.get(key));
  const values = useMemo(
    () => ({
      valueMin: valueMin ?? null,
      valueMax: valueMax ?? null,
      stringValue: stringValue ?? null,
      comment: comment ?? null,
    }),
    [valueMin, valueMax, stringValue, comment],
  );
  const [deleting, setDeleting] = useState<ScoreListRow | null>(null);
  const remove = useDeleteScore();
  const put = (key: string, value: string | null): void => setParams((previous) => withParameter(previous, key, value));
  const list = useMemo(() => {
    const filter = { project, name, source, dataType, ...values, ...rangeBounds(range, Date.now()) };
    return {
      queryKey: ["scores", project, name, source, dataType, values, range],
      fetchPage: (cursor: string | null, signal: AbortSignal) => fetchScores({ ...filter, cursor }, signal),
      idOf,
    };
  }, [project, name, source, dataType, values, range]);
  const columns = useMemo(() => scoreColumns(project, setDeleting), [project]);
  const isFiltered =
    name !== null ||
    source !== null ||
    dataType !== null ||
    range.kind !== "all" ||
    SCORE_VALUES.some((key) => values[key] !== null);
  return (
    <>
      <PageList
        title="Scores"
        nouns={["score", "scores"]}
        source={list}
        columns={columns}
        hrefOf={(score) => scoreHref(project, score)}
        phoneRow={(score, nowMs) => (
          <PhoneRow
            title={
              <RowTitle
                href={scoreHref(project, score)}
                title={score.name}
                detail={score.observationName ?? score.traceName}
              />
            }
            facts={<ScoreValue score={score} />}
            timeMs={score.timestamp}
            nowMs={nowMs}
          />
        )}
        commands={(selected) => [
          {
            id: "delete",
            label: "Take the score back",
            keys: ["Delete"],
            isKeyOnly: true,
            isEnabled: selected !== undefined,
            run: () => setDeleting(selected ?? null),
          },
        ]}
        toolbar={() => (
          <>
            <Picker
              label="Any source"
              title="Who gave it"
              choices={SOURCES}
              chosen={source}
              onChoose={(id) => put("source", id)}
            />
            <Picker
              label="Any type"
              title="Kind of value"
              choices={TYPES}
              chosen={dataType}
              onChoose={(id) => put("type", id)}
            />
            <ValueFilter
              values={values}
              onChange={(next) =>
                setParams((previous) =>
                  SCORE_VALUES.reduce((query, key) => withParameter(query, key, next[key]), previous),
                )
              }
            />
            <RangePicker range={range} onRange={(next) => change({ range: next })} />
          </>
        )}
        above={<LowScores project={project} chosen={name} onChoose={(next) => put("name", next)} />}
        empty={
          isFiltered ? (
            <Notice title="No score matches" level={2}>
              <p>Choose another source, type, value, name or time.</p>
            </Notice>
          ) : (
            <Notice title="No score yet" level={2}>
              <p>
                Scores say how good an answer was. Give one where you read it (<kbd>s</kbd> on a trace, a turn of a
                session or a selected observation), or send it from your application:
              </p>
              <div className={styles["example"]}>
                <CodeBlock code={EXAMPLE} />
              </div>
            </Notice>
          )
        }
      />
      {deleting !== null && (
        <FormDialog
          title={`Take the score “${deleting.name}” back?`}
          submit="Take it back"
          isPending={remove.isPending}
          error={remove.error}
          onSubmit={() => remove.mutate(deleting, { onSuccess: () => setDeleting(null) })}
          onClose={() => setDeleting(null)}
        >
          <p>It is deleted, and no longer counts in means and filters.</p>
        </FormDialog>
      )}
    </>
  );
}

interface PickerProps<Id extends string> {
  /** What the button says while nothing is chosen. */
  label: string;
  title: string;
  choices: readonly { id: Id; label: string }[];
  chosen: string | null;
  onChoose: (id: Id | null) => void;
}

function Picker<Id extends string>({ label, title, choices, chosen, onChoose }: PickerProps<Id>) {
  return (
    <Popover label={choices.find(({ id }) => id === chosen)?.label ?? label} title={title} align="end">
      {(close) =>
        [{ id: null, label }, ...choices].map((choice) => (
          <Choice
            key={choice.label}
            label={choice.label}
            isChosen={choice.id === chosen}
            onChoose={() => {
              onChoose(choice.id);
              close();
            }}
          />
        ))
      }
    </Popover>
  );
}
