import { useState } from "react";
import { Link } from "wouter";
import type { DatasetItem } from "../../api/types.ts";
import { useDatasetChanges, useDatasetItem } from "../../api/use-datasets.ts";
import { useProject } from "../../api/use-project.ts";
import { itemText, readItemText } from "../../model/item-text.ts";
import { tracePath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field, FormDialog } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import styles from "./datasets.module.css";

interface ItemDialogProps {
  datasetName: string;
  /** `null` makes a new one. */
  itemId: string | null;
  onClose: () => void;
}

/** An item's input and what is expected of it, as text or JSON: the whole of it, which a list has not. */
export function ItemDialog({ datasetName, itemId, onClose }: ItemDialogProps) {
  const { data, error, refetch } = useDatasetItem(itemId);
  if (itemId === null) return <ItemForm datasetName={datasetName} item={null} onClose={onClose} />;
  if (data !== undefined) return <ItemForm datasetName={datasetName} item={data} onClose={onClose} />;
  // No dialog yet: it takes the focus when it can be typed in, and gives it back to where it was.
  if (error === null) return null;
  return (
    <Dialog label="Edit the item" onClose={onClose}>
      <ErrorNotice error={error} what="The item" level={2} onRetry={() => void refetch()} />
    </Dialog>
  );
}

interface ItemFormProps extends Pick<ItemDialogProps, "datasetName" | "onClose"> {
  item: DatasetItem | null;
}

function ItemForm({ datasetName, item, onClose }: ItemFormProps) {
  const project = useProject();
  const { addItem, changeItem } = useDatasetChanges();
  const [input, setInput] = useState(() => itemText(item?.input));
  const [expected, setExpected] = useState(() => itemText(item?.expectedOutput));
  const [metadata, setMetadata] = useState(() => itemText(item?.metadata));
  const read = { input: readItemText(input), expected: readItemText(expected), metadata: readItemText(metadata) };
  const wrong = read.input.error ?? read.expected.error ?? read.metadata.error;
  const submit = (): void => {
    const change = { input: read.input.value, expectedOutput: read.expected.value, metadata: read.metadata.value };
    if (item === null) addItem.mutate({ name: datasetName, ...change }, { onSuccess: onClose });
    else changeItem.mutate({ id: item.id, ...change }, { onSuccess: onClose });
  };
  return (
    <FormDialog
      title={item === null ? "New item" : "Edit the item"}
      submit={item === null ? "Add" : "Save"}
      className={styles["dialog"]}
      isPending={addItem.isPending || changeItem.isPending}
      isIncomplete={wrong !== null || (input.trim() === "" && expected.trim() === "")}
      error={wrong ?? addItem.error ?? changeItem.error}
      aside={
        item !== null &&
        item.sourceTraceId !== null && (
          <Link
            href={tracePath(project, item.sourceTraceId, item.sourceObservationId)}
            className={buttons["text"]}
            onClick={onClose}
          >
            Where it comes from
          </Link>
        )
      }
      onSubmit={submit}
      onClose={onClose}
    >
      <div className={styles["sides"]}>
        <Field label="Input">
          <textarea
            className={form["input"]}
            rows={14}
            value={input}
            autoFocus={item === null}
            spellCheck={false}
            onChange={(event) => setInput(event.target.value)}
          />
        </Field>
        <Field label="Expected output">
          <textarea
            className={form["input"]}
            rows={14}
            value={expected}
            autoFocus={item !== null}
            spellCheck={false}
            onChange={(event) => setExpected(event.target.value)}
          />
        </Field>
      </div>
      <Field label="Metadata">
        <textarea
          className={form["input"]}
          rows={2}
          value={metadata}
          spellCheck={false}
          onChange={(event) => setMetadata(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
