import { type FormEvent, useState } from "react";
import buttons from "../../ui/button.module.css";
import { Field } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import { Popover } from "../../ui/popover.tsx";
import styles from "./scores.module.css";

/** As they are in the address and in `/api/scores`; `null` asks for nothing. */
export interface ScoreValues {
  valueMin: string | null;
  valueMax: string | null;
  stringValue: string | null;
  comment: string | null;
}

export const SCORE_VALUES = ["valueMin", "valueMax", "stringValue", "comment"] as const;

interface ValueFilterProps {
  values: ScoreValues;
  onChange: (values: ScoreValues) => void;
}

/** What was given: a range of numbers (a thumb is 0 or 1), a category, words of the comment. */
export function ValueFilter({ values, onChange }: ValueFilterProps) {
  return (
    <Popover label={labelOf(values)} title="What was given" align="end">
      {(close) => (
        <ValueForm
          values={values}
          onChange={(next) => {
            onChange(next);
            close();
          }}
        />
      )}
    </Popover>
  );
}

function ValueForm({ values, onChange }: ValueFilterProps) {
  const [draft, setDraft] = useState(values);
  const put = (name: keyof ScoreValues) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [name]: event.target.value.trim() === "" ? null : event.target.value });
  return (
    <form
      className={styles["values"]}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onChange(draft);
      }}
    >
      <div className={styles["between"]}>
        <Field label="At least">
          <input
            type="number"
            step="any"
            className={form["input"]}
            value={draft.valueMin ?? ""}
            onChange={put("valueMin")}
          />
        </Field>
        <Field label="At most">
          <input
            type="number"
            step="any"
            className={form["input"]}
            value={draft.valueMax ?? ""}
            onChange={put("valueMax")}
          />
        </Field>
      </div>
      <Field label="Category">
        <input type="text" className={form["input"]} value={draft.stringValue ?? ""} onChange={put("stringValue")} />
      </Field>
      <Field label="Comment has">
        <input type="text" className={form["input"]} value={draft.comment ?? ""} onChange={put("comment")} />
      </Field>
      <div className={styles["between"]}>
        <button
          type="button"
          className={buttons["text"]}
          onClick={() => onChange({ valueMin: null, valueMax: null, stringValue: null, comment: null })}
        >
          Any
        </button>
        <button type="submit" className={buttons["primary"]}>
          Show
        </button>
      </div>
    </form>
  );
}

function labelOf({ valueMin, valueMax, stringValue, comment }: ScoreValues): string {
  const parts = [
    valueMin !== null && valueMax !== null
      ? `${valueMin} to ${valueMax}`
      : valueMin !== null
        ? `≥ ${valueMin}`
        : valueMax === null
          ? ""
          : `≤ ${valueMax}`,
    stringValue ?? "",
    comment === null ? "" : `“${comment}”`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "Any value" : parts.join(", ");
}
