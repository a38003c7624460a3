import { useMemo, useState } from "react";
import { useReadable } from "../../api/use-readable.ts";
import { type LoadedObservation, type LoadedTrace, useObservation } from "../../api/use-trace.ts";
import type { AlignedRow } from "../../compare/align.ts";
import { diffText, type DiffLine, foldDiff, lineDiff } from "../../compare/line-diff.ts";
import { parseNested } from "../../model/json.ts";
import { LoadingPage } from "../../ui/loading.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import styles from "./compare.module.css";

type Side = "input" | "output";

const TABS: readonly { id: Side; label: string }[] = [
  { id: "output", label: "Output" },
  { id: "input", label: "Input" },
];

/** What went in and came out of one step in both traces, line by line. */
export function PairDetail({ a, b, row }: { a: LoadedTrace; b: LoadedTrace; row: AlignedRow }) {
  const [side, setSide] = useState<Side>("output");
  const first = useObservation(a.model, Math.max(0, row.a), row.a !== -1);
  const second = useObservation(b.model, Math.max(0, row.b), row.b !== -1);
  const isLoading = (row.a !== -1 && first.data === undefined) || (row.b !== -1 && second.data === undefined);
  return (
    <section className={styles["detail"]} aria-label="The chosen step">
      <Tabs
        label="Sides of the step"
        tabs={TABS}
        active={side}
        onChange={setSide}
        className={styles["tabs"]}
        panelClassName={styles["panel"]}
      >
        {isLoading ? (
          <LoadingPage label="Reading both steps" />
        ) : (
          <Diff
            before={row.a === -1 ? undefined : first.data}
            after={row.b === -1 ? undefined : second.data}
            side={side}
          />
        )}
      </Tabs>
    </section>
  );
}

interface DiffProps {
  /** `undefined` where the trace has no such step. */
  before: LoadedObservation | undefined;
  after: LoadedObservation | undefined;
  side: Side;
}

const NOTHING: Pick<LoadedObservation, "large"> & { detail: { input: null; output: null } } = {
  large: {},
  detail: { input: null, output: null },
};

function Diff({ before, after, side }: DiffProps) {
  // What is not there is compared as nothing.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const a = useReadable(before ?? (NOTHING as unknown as LoadedObservation))[side];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const b = useReadable(after ?? (NOTHING as unknown as LoadedObservation))[side];
  const blocks = useMemo(() => foldDiff(lineDiff(textOf(a.value), textOf(b.value))), [a.value, b.value]);
  const isSame = blocks.every((block) => block.kind === "gap");
  if (a.isLoading || b.isLoading) return <LoadingPage label="Reading both values" />;
  if (isSame) {
    return (
      <>
        <p className={styles["same"]}>
          {blocks.length === 0 ? `Neither has an ${side}.` : `The ${side} is the same in both.`}
        </p>
        {blocks.length > 0 && <pre className={styles["text"]}>{textOf(a.value)}</pre>}
      </>
    );
  }
  return (
    <div className={styles["diff"]}>
      {(a.isCut || b.isCut) && <p className={styles["same"]}>A large value: it is compared in shortened form.</p>}
      {/* Lines have no identity but their place, and the values never change under them. */}
      {blocks.map((block, at) =>
        block.kind === "gap" ? (
          // oxlint-disable-next-line react/no-array-index-key -- as above
          <p key={at} className={styles["gap"]}>
            {block.count} equal {block.count === 1 ? "line" : "lines"}
          </p>
        ) : (
          // oxlint-disable-next-line react/no-array-index-key -- as above
          <div key={at}>
            {block.lines.map((line, index) => (
              <Line key={index} line={line} />
            ))}
          </div>
        ),
      )}
    </div>
  );
}

const MARKS: Record<DiffLine["kind"], string> = { same: " ", removed: "−", added: "+" };
const WORDS: Record<DiffLine["kind"], string> = { same: "", removed: "only in A: ", added: "only in B: " };

function Line({ line: { kind, text } }: { line: DiffLine }) {
  return (
    <div className={styles["line"]} data-kind={kind}>
      <i aria-hidden="true">{MARKS[kind]}</i>
      <span>
        {kind !== "same" && <span className="sr-only">{WORDS[kind]}</span>}
        {text}
      </span>
    </div>
  );
}

function textOf(value: unknown): string {
  return diffText(parseNested(value));
}
