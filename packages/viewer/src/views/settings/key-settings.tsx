import { useState } from "react";
import { useKeyChanges, useKeys, useStatus } from "../../api/use-settings.ts";
import type { ApiKey } from "../../api/types.ts";
import { formatLocal, formatRelative } from "../../model/format.ts";
import buttons from "../../ui/button.module.css";
import { CodeBlock } from "../../ui/code-block.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field, FormDialog } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import { Icon } from "../../ui/icons.tsx";
import { SettingsTable } from "./settings-table.tsx";
import styles from "./settings.module.css";

const KEY_HEADS = [
  { text: "Public key" },
  { text: "Secret" },
  { text: "Note" },
  { text: "Made" },
  { text: "Used" },
  { text: "Change", isHidden: true },
];

/** The project's keys: made, told apart by their note, and taken away. */
export function KeySettings({ project }: { project: string }) {
  const keys = useKeys();
  const status = useStatus();
  const { create, remove } = useKeyChanges();
  const [isMaking, setIsMaking] = useState(false);
  const [deleting, setDeleting] = useState<ApiKey | null>(null);
  const [note, setNote] = useState("");
  if (keys.error !== null) {
    return <ErrorNotice error={keys.error} what="The keys" level={2} onRetry={() => void keys.refetch()} />;
  }
  const made = create.data;
  return (
    <section className={styles["section"]}>
      <h2>Keys</h2>
      <p className={styles["lead"]}>
        Keys open the project {project} to applications.{" "}
        {status.data?.keysRequired === false &&
          "On this server, which only this machine reaches, any keys do; known ones choose their project."}
      </p>
      <div className={styles["bar"]}>
        <button type="button" className={buttons["primary"]} onClick={() => setIsMaking(true)}>
          <Icon name="plus" size={14} /> Keys
        </button>
      </div>
      {made !== undefined && (
        <div className={styles["keys"]}>
          <p>
            <b>Copy the secret now.</b> Only its hash is stored, so it is never shown again.
          </p>
          <CodeBlock code={`SPANWISE_PUBLIC_KEY=${made.publicKey}\nSPANWISE_SECRET_KEY=${made.secretKey}`} />
        </div>
      )}
      {keys.data !== undefined && keys.data.length === 0 ? (
        <p className={styles["empty"]}>The project has no keys.</p>
      ) : (
        <SettingsTable label="Keys" heads={KEY_HEADS}>
          {keys.data?.map((key) => (
            <tr key={key.publicKey}>
              <th scope="row">
                <code>{key.publicKey}</code>
              </th>
              <td>
                <code>…{key.secretHint}</code>
              </td>
              <td>{key.note ?? "–"}</td>
              <td>{formatLocal(key.createdAt).slice(0, 10)}</td>
              <td>{key.lastUsedAt === null ? "never" : formatRelative(key.lastUsedAt, Date.now())}</td>
              <td data-number>
                <button
                  type="button"
                  className={buttons["text"]}
                  aria-label={`Delete ${key.publicKey}`}
                  onClick={() => setDeleting(key)}
                >
                  Delete
                </button>
              </td>
            </tr>
          ))}
        </SettingsTable>
      )}
      {isMaking && (
        <FormDialog
          title="New keys"
          submit="Make"
          isPending={create.isPending}
          error={create.error}
          onSubmit={() =>
            create.mutate(note.trim() === "" ? null : note.trim(), {
              onSuccess: () => {
                setIsMaking(false);
                setNote("");
              },
            })
          }
          onClose={() => setIsMaking(false)}
        >
          <Field label="What they are for">
            <input
              autoFocus
              type="text"
              className={form["input"]}
              value={note}
              maxLength={100}
              placeholder="staging"
              onChange={(event) => setNote(event.target.value)}
            />
          </Field>
        </FormDialog>
      )}
      {deleting !== null && (
        <FormDialog
          title="Delete these keys?"
          submit="Delete"
          isPending={remove.isPending}
          error={remove.error}
          onSubmit={() => remove.mutate(deleting.publicKey, { onSuccess: () => setDeleting(null) })}
          onClose={() => setDeleting(null)}
        >
          <p>Applications that use {deleting.publicKey} are turned down from then on.</p>
        </FormDialog>
      )}
    </section>
  );
}
