import { useState } from "react";
import { BASE } from "../../base.ts";
import type { DatasetExportFormat } from "../../api/types.ts";
import { datasetExportPath } from "../../api/use-datasets.ts";
import { readError } from "../../api/http.ts";
import { Choice, Popover } from "../../ui/popover.tsx";
import styles from "./datasets.module.css";

const FORMATS: readonly { id: DatasetExportFormat; label: string; detail: string; ending: string }[] = [
  { id: "openai", label: "OpenAI fine-tuning", detail: "chat messages, JSONL", ending: "openai.jsonl" },
  { id: "jsonl", label: "JSONL", detail: "everything, one item a line", ending: "jsonl" },
  { id: "csv", label: "CSV", detail: "for a spreadsheet", ending: "csv" },
];

/** The dataset as a file. What a format cannot hold is said, not left out silently. */
export function ExportMenu({ project, name }: { project: string; name: string }) {
  const [note, setNote] = useState<string | null>(null);
  const save = async (format: DatasetExportFormat, ending: string): Promise<void> => {
    setNote("Exporting …");
    const response = await fetch(BASE + datasetExportPath(project, name, format));
    if (!response.ok) throw await readError(response);
    const skipped = Number(response.headers.get("X-Spanwise-Skipped") ?? 0);
    saveFile(await response.blob(), `${name}.${ending}`);
    setNote(skipped === 0 ? null : `${skipped} left out: their input is no chat`);
  };
  return (
    <>
      <span className={styles["note"]} role="status">
        {note}
      </span>
      <Popover label="Export" icon="save" title="Save as a file" align="end">
        {(close) =>
          FORMATS.map(({ id, label, detail, ending }) => (
            <Choice
              key={id}
              label={label}
              detail={detail}
              onChoose={() => {
                close();
                save(id, ending).catch((error: unknown) =>
                  setNote(error instanceof Error ? error.message : "It could not be exported."),
                );
              }}
            />
          ))
        }
      </Popover>
    </>
  );
}

function saveFile(content: Blob, fileName: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The browser has taken the content over by then.
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
