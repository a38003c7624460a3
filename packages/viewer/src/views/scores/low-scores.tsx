import { type FormEvent, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { useQuery } from "@tanstack/react-query";
import { fetchScores } from "../../api/use-scores.ts";
import { summariseScores } from "../../model/score-names.ts";
import { lowScoreQuery } from "../../model/low-scores.ts";
import { tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import styles from "./scores.module.css";

/** The newest scores, from which names and usual values are told. */
const SAMPLE = 200;

interface LowScoresProps {
  project: string;
  chosen: string | null;
  onChoose: (name: string | null) => void;
}

/** The names that are in use, and the way to what scored low. */
export function LowScores({ project, chosen, onChoose }: LowScoresProps) {
  const sample = useQuery({
    queryKey: ["scores", project, "sample"],
    queryFn: ({ signal }) => fetchScores({ project, cursor: null, limit: SAMPLE }, signal),
  });
  const names = useMemo(() => summariseScores(sample.data?.data ?? []), [sample.data]);
  const numeric = names.find(({ name, mean }) => mean !== null && (chosen === null || name === chosen));
  if (names.length === 0) return <div className={styles["strip"]} />;
  return (
    <div className={styles["strip"]}>
      <ul className={styles["names"]} aria-label="Names of scores">
        {names.slice(0, 12).map(({ name, count, mean }) => (
          <li key={name}>
            <button
              type="button"
              aria-pressed={name === chosen}
              onClick={() => onChoose(name === chosen ? null : name)}
            >
              {name}
              <small>{mean === null ? count : `⌀ ${Number(mean.toPrecision(3))}`}</small>
            </button>
          </li>
        ))}
      </ul>
      {numeric !== undefined && numeric.mean !== null && (
        <LowForm key={numeric.name} project={project} name={numeric.name} start={Number(numeric.mean.toPrecision(2))} />
      )}
    </div>
  );
}

function LowForm({ project, name, start }: { project: string; name: string; start: number }) {
  const [below, setBelow] = useState(String(start));
  const [, navigate] = useLocation();
  const value = Number(below);
  const isNumber = below.trim() !== "" && Number.isFinite(value);
  return (
    <form
      className={styles["low"]}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (isNumber) navigate(tracesPath(project, { q: lowScoreQuery(name, value) }));
      }}
    >
      <label>
        <span>
          Traces with <b>{name}</b> below
        </span>
        <input type="number" step="any" value={below} onChange={(event) => setBelow(event.target.value)} />
      </label>
      <button type="submit" className={buttons["text"]} disabled={!isNumber}>
        Show
      </button>
    </form>
  );
}
