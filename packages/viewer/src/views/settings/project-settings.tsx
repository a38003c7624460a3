import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { Project } from "../../api/types.ts";
import { useCreateProject, useProjects } from "../../api/use-settings.ts";
import { formatLocal } from "../../model/format.ts";
import { DEFAULT_PROJECT, settingsPath, tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field, FormDialog } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import { Icon } from "../../ui/icons.tsx";
import { DeleteProject, RenameProject } from "./project-dialogs.tsx";
import { SettingsTable } from "./settings-table.tsx";
import styles from "./settings.module.css";

const PROJECT_HEADS = [
  { text: "Name" },
  { text: "Id" },
  { text: "Made" },
  { text: "State", isHidden: true },
  { text: "Change", isHidden: true },
];

/** Separate heaps of traces, each with keys, prices and datasets of its own. */
export function ProjectSettings({ project }: { project: string }) {
  const projects = useProjects();
  const create = useCreateProject();
  const [isMaking, setIsMaking] = useState(false);
  const [name, setName] = useState("");
  const [changed, setChanged] = useState<{ entry: Project; how: "rename" | "delete" } | null>(null);
  const [, navigate] = useLocation();
  if (projects.error !== null) {
    return <ErrorNotice error={projects.error} what="The projects" level={2} onRetry={() => void projects.refetch()} />;
  }
  return (
    <section className={styles["section"]}>
      <h2>Projects</h2>
      <p className={styles["lead"]}>
        Traces of one project are apart from those of the others. Which one a trace belongs to is told by the keys it
        was sent with.
      </p>
      <div className={styles["bar"]}>
        <button type="button" className={buttons["primary"]} onClick={() => setIsMaking(true)}>
          <Icon name="plus" size={14} /> Project
        </button>
      </div>
      <SettingsTable label="Projects" heads={PROJECT_HEADS}>
        {projects.data?.map((entry) => (
          <tr key={entry.id}>
            <th scope="row">
              <Link href={tracesPath(entry.id)}>{entry.name}</Link>
            </th>
            <td>
              <code>{entry.id}</code>
            </td>
            <td>{entry.createdAt === 0 ? "–" : formatLocal(entry.createdAt).slice(0, 10)}</td>
            <td>{entry.id === project ? "open now" : ""}</td>
            <td>
              <div className={styles["rowButtons"]}>
                <button
                  type="button"
                  className={buttons["text"]}
                  aria-label={`Rename ${entry.name}`}
                  onClick={() => setChanged({ entry, how: "rename" })}
                >
                  Rename
                </button>
                {entry.id !== DEFAULT_PROJECT && (
                  <button
                    type="button"
                    className={buttons["text"]}
                    aria-label={`Delete ${entry.name}`}
                    onClick={() => setChanged({ entry, how: "delete" })}
                  >
                    Delete
                  </button>
                )}
              </div>
            </td>
          </tr>
        ))}
      </SettingsTable>
      {changed?.how === "rename" && <RenameProject project={changed.entry} onClose={() => setChanged(null)} />}
      {changed?.how === "delete" && (
        <DeleteProject
          project={changed.entry}
          onClose={() => setChanged(null)}
          onDeleted={() => {
            setChanged(null);
            if (changed.entry.id === project) navigate(settingsPath(DEFAULT_PROJECT, "projects"));
          }}
        />
      )}
      {isMaking && (
        <FormDialog
          title="New project"
          submit="Make"
          isPending={create.isPending}
          isIncomplete={name.trim() === ""}
          error={create.error}
          onSubmit={() =>
            create.mutate({ name: name.trim() }, { onSuccess: ({ id }) => navigate(settingsPath(id, "connect")) })
          }
          onClose={() => setIsMaking(false)}
        >
          <Field label="Name" hint="In small letters and dashes it becomes the id.">
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
      )}
    </section>
  );
}
