import { useState } from "react";
import type { Project } from "../../api/types.ts";
import { useProjectChanges } from "../../api/use-settings.ts";
import { Field, FormDialog } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";

interface ProjectDialogProps {
  project: Project;
  onClose: () => void;
}

export function RenameProject({ project, onClose }: ProjectDialogProps) {
  const { rename } = useProjectChanges();
  const [name, setName] = useState(project.name);
  return (
    <FormDialog
      title={`Rename ${project.name}`}
      submit="Rename"
      isPending={rename.isPending}
      isIncomplete={name.trim() === "" || name.trim() === project.name}
      error={rename.error}
      onSubmit={() => rename.mutate({ id: project.id, name: name.trim() }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Field label="Name" hint={`Its id stays ${project.id}: addresses and keys go on as they are.`}>
        <input
          autoFocus
          type="text"
          className={form["input"]}
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}

/** Nothing brings it back, so its name is typed, and the server compares it as well. */
export function DeleteProject({ project, onClose, onDeleted }: ProjectDialogProps & { onDeleted: () => void }) {
  const { remove } = useProjectChanges();
  const [name, setName] = useState("");
  return (
    <FormDialog
      title={`Delete ${project.name}?`}
      submit="Delete"
      isPending={remove.isPending}
      isIncomplete={name !== project.name}
      error={remove.error}
      onSubmit={() => remove.mutate({ id: project.id, name }, { onSuccess: onDeleted })}
      onClose={onClose}
    >
      <p>Its traces, scores, datasets, prices and keys are deleted, and nothing brings them back.</p>
      <Field label={`Type ${project.name} to go on`}>
        <input
          autoFocus
          type="text"
          className={form["input"]}
          value={name}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
