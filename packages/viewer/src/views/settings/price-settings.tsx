import { useState } from "react";
import { usePriceChanges, usePrices } from "../../api/use-settings.ts";
import type { CustomPrice } from "../../api/types.ts";
import { formatExact } from "../../model/format.ts";
import { NO_PRICE, PRICE_FIELDS, priceFields, type PriceFields, readPrices } from "../../model/prices.ts";
import buttons from "../../ui/button.module.css";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field, FormDialog, FormError } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import { Icon } from "../../ui/icons.tsx";
import { SettingsTable } from "./settings-table.tsx";
import styles from "./settings.module.css";

const PRICE_HEADS = [
  { text: "Model" },
  { text: "Provider" },
  ...PRICE_FIELDS.map(({ label }) => ({ text: label, isNumber: true })),
  { text: "Change", isHidden: true },
];

/** Prices of the project's own: for models the library does not know, and for prices that were agreed on. */
export function PriceSettings() {
  const prices = usePrices();
  const { remove, reprice } = usePriceChanges();
  const [edited, setEdited] = useState<CustomPrice | "new" | null>(null);
  if (prices.error !== null) {
    return <ErrorNotice error={prices.error} what="The prices" level={2} onRetry={() => void prices.refetch()} />;
  }
  const list = prices.data ?? [];
  return (
    <section className={styles["section"]}>
      <h2>Prices</h2>
      <p className={styles["lead"]}>
        Costs come from what the sender told, else from these prices, else from a library of public prices. They count
        for what comes in from now on; costs of stored traces are computed anew when you ask for it.
      </p>
      <div className={styles["bar"]}>
        <button type="button" className={buttons["primary"]} onClick={() => setEdited("new")}>
          <Icon name="plus" size={14} /> Price
        </button>
        <button type="button" className={buttons["text"]} disabled={reprice.isPending} onClick={() => reprice.mutate()}>
          {reprice.isPending ? "Computing …" : "Compute stored costs anew"}
        </button>
        <span role="status" className={styles["note"]}>
          {reprice.data !== undefined &&
            `${formatExact(reprice.data.changed)} of ${formatExact(reprice.data.observations)} costs are another one now.`}
        </span>
      </div>
      <FormError error={reprice.error ?? remove.error} />
      {prices.data !== undefined && list.length === 0 ? (
        <p className={styles["empty"]}>
          No price of your own. Where a cost says “no price”, the library does not know the model: give it one here.
        </p>
      ) : (
        <SettingsTable label="Prices" caption="US dollars a million tokens" heads={PRICE_HEADS}>
          {list.map((price) => {
            const fields = priceFields(price.prices);
            return (
              <tr key={price.id}>
                <th scope="row">
                  <code>{price.match}</code>
                </th>
                <td>{price.provider ?? "any"}</td>
                {PRICE_FIELDS.map(({ id }) => (
                  <td key={id} data-number>
                    {fields[id] === "" ? "–" : `$${fields[id]}`}
                  </td>
                ))}
                <td data-number>
                  <button type="button" className={buttons["text"]} onClick={() => setEdited(price)}>
                    Edit
                  </button>{" "}
                  <button
                    type="button"
                    className={buttons["text"]}
                    aria-label={`Delete the price of ${price.match}`}
                    onClick={() => remove.mutate(price.id)}
                  >
                    Delete
                  </button>
                </td>
              </tr>
            );
          })}
        </SettingsTable>
      )}
      {edited !== null && <PriceDialog price={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </section>
  );
}

function PriceDialog({ price, onClose }: { price: CustomPrice | null; onClose: () => void }) {
  const { write } = usePriceChanges();
  const [match, setMatch] = useState(price?.match ?? "");
  const [provider, setProvider] = useState(price?.provider ?? "");
  const [fields, setFields] = useState<PriceFields>(() => (price === null ? NO_PRICE : priceFields(price.prices)));
  const prices = readPrices(fields, price?.prices);
  return (
    <FormDialog
      title={price === null ? "New price" : `Price of ${price.match}`}
      submit="Save"
      isPending={write.isPending}
      isIncomplete={match.trim() === "" || prices === null}
      error={write.error}
      onSubmit={() => {
        if (prices === null) return;
        const given = { match: match.trim(), provider: provider.trim() === "" ? null : provider.trim(), prices };
        write.mutate(price === null ? given : { ...given, id: price.id }, { onSuccess: onClose });
      }}
      onClose={onClose}
    >
      <div className={form["row"]}>
        <Field label="Model">
          <input
            autoFocus
            type="text"
            className={form["input"]}
            value={match}
            placeholder="llama-3*"
            spellCheck={false}
            onChange={(event) => setMatch(event.target.value)}
          />
        </Field>
        <Field label="Provider (any, if empty)">
          <input
            type="text"
            className={form["input"]}
            value={provider}
            spellCheck={false}
            onChange={(event) => setProvider(event.target.value)}
          />
        </Field>
      </div>
      <p className={form["hint"]}>* stands for any characters. US dollars a million tokens:</p>
      <div className={form["row"]}>
        {PRICE_FIELDS.map(({ id, label }) => (
          <Field key={id} label={label}>
            <input
              type="number"
              min="0"
              step="any"
              className={form["input"]}
              value={fields[id]}
              onChange={(event) => setFields({ ...fields, [id]: event.target.value })}
            />
          </Field>
        ))}
      </div>
      <p className={form["hint"]}>
        A bucket without a price of its own costs what its base does: cached input as input.
      </p>
    </FormDialog>
  );
}
