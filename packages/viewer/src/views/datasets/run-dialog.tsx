import { Link } from "wouter";
import { type RunRow, useRunOutput } from "../../api/use-dataset-run.ts";
import { isNotFound } from "../../api/http.ts";
import { useDatasetItem } from "../../api/use-datasets.ts";
import { useProject } from "../../api/use-project.ts";
import { itemText } from "../../model/item-text.ts";
import { tracePath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { ScoreChips } from "../../ui/chip.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import form from "../../ui/form.module.css";
import styles from "./datasets.module.css";

/** One item of a run: its input, and what was expected beside what came. */
export function RunDialog({ row, onClose }: { row: RunRow; onClose: () => void }) {
  const project = useProject();
  const output = useRunOutput(row.link);
  const item = useDatasetItem(row.link.datasetItemId);
  const itemSide = (value: unknown): string => {
    if (item.isPending) return "…";
    if (item.error === null) return itemText(value);
    return isNotFound(item.error) ? "The item was deleted" : item.error.message;
  };
  const scores = row.result?.scores ?? [];
  return (
    <Dialog label="An item of the run" className={styles["dialog"]} onClose={onClose}>
      <div className={form["form"]}>
        <Side title="Input" text={itemSide(item.data?.input)} />
        <div className={styles["sides"]}>
          <Side title="Expected output" text={itemSide(item.data?.expectedOutput)} />
          <Side
            title="Output"
            text={output.isPending ? "…" : (output.error?.message ?? itemText(output.data?.output))}
          />
        </div>
        {scores.length > 0 && (
          <p className={styles["scores"]}>
            <ScoreChips scores={scores} count={row.result?.scoreCount ?? 0} />
          </p>
        )}
        <div className={form["buttons"]}>
          <Link
            href={tracePath(project, row.link.traceId, row.link.observationId)}
            className={buttons["text"]}
            onClick={onClose}
          >
            Open the trace
          </Link>
          <button type="button" autoFocus className={buttons["primary"]} onClick={onClose}>
            Done
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Side({ title, text }: { title: string; text: string }) {
  return (
    <section className={styles["side"]}>
      <h3>{title}</h3>
      <CodeBlock code={text === "" ? "none" : text} />
    </section>
  );
}
