import { useState } from "react";
import { Link } from "wouter";
import { useDatasetChanges, useDatasetChoices } from "../../api/use-datasets.ts";
import type { AddObservationsInput, AddObservationsResponse } from "../../api/types.ts";
import { useProject } from "../../api/use-project.ts";
import { formatExact } from "../../model/format.ts";
import { datasetPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, FormDialog } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import { readStored, writeStored } from "../../ui/storage.ts";

interface AddToDatasetProps {
  observations: AddObservationsInput["observations"];
  onClose: () => void;
}

const LAST = "dataset.last";

/** Inputs become inputs, outputs expected outputs: of one observation, or of a whole selection. */
export function AddToDataset({ observations, onClose }: AddToDatasetProps) {
  const project = useProject();
  const choices = useDatasetChoices();
  const { create, addObservations } = useDatasetChanges();
  const [name, setName] = useState(() => readStored(LAST) ?? "");
  const names = choices.data?.data.map((dataset) => dataset.name) ?? [];
  const wanted = name.trim();
  const isNew = wanted !== "" && choices.data !== undefined && !names.includes(wanted);
  const count = observations.length === 1 ? "1 observation" : `${formatExact(observations.length)} observations`;

  const submit = async (): Promise<void> => {
    // Who types fast is done before the names are read.
    const known = choices.data ?? (await choices.refetch()).data;
    if (known?.data.some((dataset) => dataset.name === wanted) !== true)
      await create.mutateAsync({ name: wanted, description: null });
    await addObservations.mutateAsync({ name: wanted, observations });
    writeStored(LAST, wanted);
  };
  if (addObservations.data !== undefined) {
    return (
      <Dialog label="Added to the dataset" onClose={onClose}>
        <div className={form["form"]}>
          <h2>{outcome(addObservations.data)}</h2>
          <div className={form["buttons"]}>
            <Link href={datasetPath(project, wanted)} className={buttons["text"]}>
              Open {wanted}
            </Link>
            <button type="button" autoFocus className={buttons["primary"]} onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={`Add ${count} to a dataset`}
      submit={isNew ? "Create and add" : "Add"}
      isPending={create.isPending || addObservations.isPending}
      isIncomplete={wanted === ""}
      error={create.error ?? addObservations.error}
      onSubmit={() => {
        // What went wrong is shown by the mutation that failed.
        submit().catch(() => {});
      }}
      onClose={onClose}
    >
      <Field
        label="Dataset"
        hint={
          isNew
            ? "There is none of this name: it is created."
            : "The input becomes the item's input, the output its expected output, which you can edit."
        }
      >
        <input
          autoFocus
          type="text"
          list="dataset-names"
          className={form["input"]}
          value={name}
          maxLength={200}
          placeholder="golden-answers"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <datalist id="dataset-names">
        {names.map((known) => (
          <option key={known} value={known} />
        ))}
      </datalist>
    </FormDialog>
  );
}

function outcome({ added, skipped }: AddObservationsResponse): string {
  const text = added === 1 ? "1 item added" : `${formatExact(added)} items added`;
  return skipped === 0 ? text : `${text}, ${formatExact(skipped)} were there already or are gone`;
}
