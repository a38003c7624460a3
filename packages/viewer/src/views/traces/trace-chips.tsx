import type { TraceSummary } from "../../api/types.ts";
import { type ChipText, fitChips } from "../../model/fit-chips.ts";
import { scoreText } from "../../model/score.ts";
import { Chip, ScoreChip } from "../../ui/chip.tsx";
import styles from "./trace-columns.module.css";

/** A row shows some of these; a trace with thousands of tags is not searched through at each of its renders. */
const MAX_COUNTED = 40;

/** The user, scores, tags and session of a trace on one line; what does not fit is counted, and named when pointed at. */
export function TraceChips({ trace, widthPx }: { trace: TraceSummary; widthPx: number }) {
  const chips = chipsOf(trace);
  const shown = fitChips(chips, widthPx);
  const named = chips.slice(shown).map(nameOf);
  const more = countOf(trace) - chips.length;
  const rest = more > 0 ? [...named, `${more} more`] : named;
  return (
    <div className={styles["chips"]}>
      {chips.slice(0, shown).map((chip) =>
        chip.score === undefined ? (
          <Chip key={nameOf(chip)} {...(chip.label === null ? {} : { label: chip.label })}>
            {chip.text}
          </Chip>
        ) : (
          <ScoreChip key={chip.score.id} score={chip.score} />
        ),
      )}
      {rest.length > 0 && (
        <span className={styles["rest"]} title={rest.join("\n")}>
          <span aria-hidden="true">+{named.length + more}</span>
          <span className="sr-only">and {rest.join(", ")}</span>
        </span>
      )}
    </div>
  );
}

interface TraceChip extends ChipText {
  score?: TraceSummary["scores"][number];
}

function chipsOf({ userId, scores, tags, sessionId }: TraceSummary): TraceChip[] {
  return [
    ...(userId === null ? [] : [{ label: "user", text: userId }]),
    ...scores.map((score) => ({ label: score.name, text: scoreText(score), score })),
    ...tags.map((text) => ({ label: null, text })),
    ...(sessionId === null ? [] : [{ label: "session", text: sessionId }]),
  ].slice(0, MAX_COUNTED);
}

/** The server gives a row some of thousands of scores and tags. */
function countOf({ userId, scoreCount, tagCount, sessionId }: TraceSummary): number {
  return (userId === null ? 0 : 1) + scoreCount + tagCount + (sessionId === null ? 0 : 1);
}

function nameOf({ label, text }: ChipText): string {
  return label === null ? text : `${label}: ${text}`;
}
