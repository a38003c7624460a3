import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { comparePath, observationsPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Field } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import styles from "./compare.module.css";

const TRACE_ID = /[0-9a-f]{32}/i;

/** Which two: by id or by address. */
export function ChooseTraces({ project, a, b }: { project: string; a: string; b: string }) {
  const [first, setFirst] = useState(a);
  const [second, setSecond] = useState(b);
  const [, navigate] = useLocation();
  const [idA, idB] = [TRACE_ID.exec(first)?.[0], TRACE_ID.exec(second)?.[0]];
  return (
    <div className={styles["choose"]}>
      <form
        className={form["form"]}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (idA !== undefined && idB !== undefined) navigate(comparePath(project, idA, idB));
        }}
      >
        <h1>Compare two traces</h1>
        <p className={form["hint"]}>
          A run before and after a change, a good answer and a bad one. Paste the address or the id of each; or select
          two observations of different traces in <a href={observationsPath(project)}>their list</a> with <kbd>x</kbd>,
          or compare a turn of a session with the one before.
        </p>
        <Field label="A, the one before">
          <input
            autoFocus
            type="text"
            className={form["input"]}
            value={first}
            spellCheck={false}
            onChange={(event) => setFirst(event.target.value)}
          />
        </Field>
        <Field label="B, the one after">
          <input
            type="text"
            className={form["input"]}
            value={second}
            spellCheck={false}
            onChange={(event) => setSecond(event.target.value)}
          />
        </Field>
        <div className={form["buttons"]}>
          <button type="submit" className={buttons["primary"]} disabled={idA === undefined || idB === undefined}>
            Compare
          </button>
        </div>
      </form>
    </div>
  );
}
