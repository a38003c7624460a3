import { type FormEvent, useState } from "react";
import { useGiveScore } from "../../api/use-score.ts";
import type { ScoreInput } from "../../api/types.ts";
import buttons from "../../ui/button.module.css";
import { Dialog } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icons.tsx";
import { readStored, writeStored } from "../../ui/storage.ts";
import styles from "./score-dialog.module.css";

type Kind = "thumbs" | "number" | "category";

interface ScoreDialogProps {
  traceId: string;
  /** `null`: the score is about the whole trace. */
  observationId: string | null;
  /** What is scored, in words. */
  subject: string;
  onClose: () => void;
}

const KINDS: readonly { id: Kind; label: string }[] = [
  { id: "thumbs", label: "Thumbs" },
  { id: "number", label: "Number" },
  { id: "category", label: "Category" },
];

/** A score given where the output is read: thumbs, a number or a category, with a word why. */
export function ScoreDialog({ traceId, observationId, subject, onClose }: ScoreDialogProps) {
  const give = useGiveScore();
  const [name, setName] = useState(() => readStored("score.name") ?? "quality");
  const [kind, setKind] = useState<Kind>(() => (readStored("score.kind") as Kind | null) ?? "thumbs");
  const [thumb, setThumb] = useState<boolean | null>(null);
  const [value, setValue] = useState("");
  const [comment, setComment] = useState("");
  const [isWhole, setIsWhole] = useState(observationId === null);

  const scored = valueOf(kind, thumb, value);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (scored === null || name.trim() === "") return;
    writeStored("score.name", name.trim());
    writeStored("score.kind", kind);
    give.mutate(
      {
        ...scored,
        name: name.trim(),
        comment: comment.trim() === "" ? null : comment.trim(),
        traceId,
        observationId: isWhole ? null : observationId,
      },
      { onSuccess: onClose },
    );
  };
  return (
    <Dialog labelledBy="score-title" className={styles["dialog"]} onClose={onClose}>
      <form className={styles["form"]} onSubmit={submit}>
        <h2 id="score-title">Score {isWhole ? "the whole trace" : subject}</h2>
        <label>
          <span>Name</span>
          <input type="text" value={name} maxLength={200} required onChange={(event) => setName(event.target.value)} />
        </label>
        <fieldset>
          <legend>Kind</legend>
          {KINDS.map(({ id, label }) => (
            <label key={id}>
              <input type="radio" name="kind" checked={kind === id} onChange={() => setKind(id)} />
              {label}
            </label>
          ))}
        </fieldset>
        {kind === "thumbs" ? (
          <div className={styles["thumbs"]} role="group" aria-label="Value">
            <button type="button" aria-pressed={thumb === true} data-tone="good" onClick={() => setThumb(true)}>
              <Icon name="thumbUp" /> Good
            </button>
            <button type="button" aria-pressed={thumb === false} data-tone="bad" onClick={() => setThumb(false)}>
              <Icon name="thumbDown" /> Bad
            </button>
          </div>
        ) : (
          <label>
            <span>{kind === "number" ? "Value" : "Category"}</span>
            <input
              type={kind === "number" ? "number" : "text"}
              step="any"
              value={value}
              maxLength={200}
              onChange={(event) => setValue(event.target.value)}
            />
          </label>
        )}
        <label>
          <span>Comment</span>
          <textarea rows={3} value={comment} maxLength={4_000} onChange={(event) => setComment(event.target.value)} />
        </label>
        {observationId !== null && (
          <label className={styles["whole"]}>
            <input type="checkbox" checked={isWhole} onChange={(event) => setIsWhole(event.target.checked)} />
            About the whole trace
          </label>
        )}
        {give.error !== null && (
          <p role="alert" className={styles["error"]}>
            {give.error.message}
          </p>
        )}
        <div className={styles["actions"]}>
          <button type="button" className={buttons["text"]} onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={buttons["primary"]} disabled={scored === null || give.isPending}>
            Give score
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function valueOf(kind: Kind, thumb: boolean | null, value: string): Pick<ScoreInput, "dataType" | "value"> | null {
  if (kind === "thumbs") return thumb === null ? null : { dataType: "BOOLEAN", value: thumb };
  if (value.trim() === "") return null;
  if (kind === "category") return { dataType: "CATEGORICAL", value: value.trim() };
  const number = Number(value);
  return Number.isFinite(number) ? { dataType: "NUMERIC", value: number } : null;
}
