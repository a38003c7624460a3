import { type FormEvent, useState } from "react";
import { isNotFound } from "../../api/http.ts";
import { useChangeRetention, useRetention, useStatus } from "../../api/use-settings.ts";
import type { RetentionSettings } from "../../api/types.ts";
import { formatBytes, formatExact } from "../../model/format.ts";
import buttons from "../../ui/button.module.css";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field, FormError } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import styles from "./settings.module.css";

const GIB = 1_024 ** 3;

/** How long traces are kept, and how large the file may grow. */
export function RetentionForm() {
  const retention = useRetention();
  const status = useStatus();
  return (
    <section className={styles["section"]}>
      <h2>Retention</h2>
      <p className={styles["lead"]}>
        {status.data === undefined
          ? " "
          : `${formatExact(status.data.traceCount)} traces with ${formatExact(status.data.observationCount)} observations are kept, in ${formatBytes(status.data.dbBytes)}.`}
      </p>
      {retention.error !== null ? (
        isNotFound(retention.error) ? (
          <p className={styles["empty"]}>This server keeps everything: it knows no limits yet.</p>
        ) : (
          <ErrorNotice error={retention.error} what="The limits" level={3} onRetry={() => void retention.refetch()} />
        )
      ) : (
        retention.data !== undefined && <Limits settings={retention.data} />
      )}
    </section>
  );
}

function Limits({ settings }: { settings: RetentionSettings }) {
  const change = useChangeRetention();
  const [days, setDays] = useState(textOf(settings.maxAgeDays));
  const [size, setSize] = useState(settings.maxBytes === null ? "" : textOf(settings.maxBytes / GIB));
  const [age, bytes] = [limitOf(days), limitOf(size)];
  return (
    <form
      className={styles["limits"]}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (age === undefined || bytes === undefined) return;
        change.mutate({ maxAgeDays: age, maxBytes: bytes === null ? null : Math.round(bytes * GIB) });
      }}
    >
      <div className={form["row"]}>
        <Field label="Delete traces older than, in days" hint="Empty keeps them.">
          <input
            type="number"
            min="0"
            step="any"
            className={form["input"]}
            value={days}
            onChange={(event) => setDays(event.target.value)}
          />
        </Field>
        <Field label="Delete the oldest above, in GiB" hint="Empty sets no limit.">
          <input
            type="number"
            min="0"
            step="any"
            className={form["input"]}
            value={size}
            onChange={(event) => setSize(event.target.value)}
          />
        </Field>
      </div>
      <FormError error={age === undefined || bytes === undefined ? "A limit is a number above 0." : change.error} />
      <div className={styles["bar"]}>
        <button
          type="submit"
          className={buttons["primary"]}
          disabled={change.isPending || age === undefined || bytes === undefined}
        >
          Save
        </button>
        <span role="status" className={styles["note"]}>
          {change.isSuccess && "Saved. What is beyond a limit is deleted from now on."}
        </span>
      </div>
    </form>
  );
}

function textOf(value: number | null): string {
  return value === null ? "" : String(Number(value.toPrecision(6)));
}

/** `null`: no limit; `undefined`: not a limit. */
function limitOf(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
