import { useMemo, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { isNotFound } from "../../api/http.ts";
import type { DatasetItemRow } from "../../api/types.ts";
import { fetchDatasetItems, useDataset, useDatasetChanges, useDatasetRuns } from "../../api/use-datasets.ts";
import { formatLocal } from "../../model/format.ts";
import { rowPreview } from "../../model/item-text.ts";
import type { PageProps } from "../../pages.tsx";
import { datasetsPath, observationsPath, runPath, tracePath } from "../../routes.ts";
import { Muted, OpenLink, RelativeTime } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { PhoneRow } from "../../table/row-parts.tsx";
import buttons from "../../ui/button.module.css";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { FormDialog } from "../../ui/form.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Choice, Popover } from "../../ui/popover.tsx";
import { withParameter } from "../../ui/url.ts";
import { PageList } from "../list/page-list.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { ItemDialog } from "./item-dialog.tsx";
import styles from "./datasets.module.css";

/** Named above the items, the newest ones. */
const MAX_RUNS = 12;

const idOf = (item: DatasetItemRow): string => item.id;

export function DatasetPage({ project, params }: PageProps) {
  const name = params["name"] ?? "";
  const dataset = useDataset(name);
  const { remove, removeItem, changeItem } = useDatasetChanges();
  const [query, setQuery] = useSearchParams();
  const [, navigate] = useLocation();
  const [isDeleting, setIsDeleting] = useState(false);
  const [isAdding, setIsAdding] = useState(false);
  const [edited, setEdited] = useState<DatasetItemRow | null>(null);
  const status = query.get("status") === "archived" ? "ARCHIVED" : "ACTIVE";
  const source = useMemo(
    () => ({
      queryKey: ["datasets", project, "items", name, status],
      fetchPage: (cursor: string | null, signal: AbortSignal) =>
        fetchDatasetItems(project, name, status, cursor, signal),
      idOf,
    }),
    [project, name, status],
  );
  const columns = useMemo(() => itemColumns(project, setEdited), [project]);
  if (dataset.error !== null) {
    return isNotFound(dataset.error) ? (
      <Notice
        title="This dataset is not here"
        actions={
          <Link href={datasetsPath(project)} className={buttons["text"]}>
            All datasets
          </Link>
        }
      >
        <p>There is none called {name}.</p>
      </Notice>
    ) : (
      <ErrorNotice error={dataset.error} what="The dataset" onRetry={() => void dataset.refetch()} />
    );
  }
  const setStatus = (next: DatasetItemRow["status"]): void =>
    setQuery((previous) => withParameter(previous, "status", next === "ACTIVE" ? null : "archived"));
  return (
    <>
      <PageList
        title={name}
        nouns={["item", "items"]}
        source={source}
        columns={columns}
        hrefOf={(item) => (item.sourceTraceId === null ? datasetsPath(project) : sourceHref(project, item))}
        phoneRow={(item, nowMs) => (
          <PhoneRow
            title={<ItemInput item={item} onEdit={setEdited} />}
            facts={<span className={styles["text"]}>{rowPreview(item, "expectedOutput") ?? "none"}</span>}
            timeMs={item.updatedAt}
            nowMs={nowMs}
          />
        )}
        before={
          <Link href={datasetsPath(project)} className={buttons["icon"]} aria-label="Back to the datasets">
            <Icon name="back" />
          </Link>
        }
        toolbar={() => (
          <>
            <ExportMenu project={project} name={name} />
            <Popover label={status === "ACTIVE" ? "Active" : "Archived"} title="Which items" align="end">
              {(close) =>
                (["ACTIVE", "ARCHIVED"] as const).map((id) => (
                  <Choice
                    key={id}
                    label={id === "ACTIVE" ? "Active" : "Archived"}
                    isChosen={id === status}
                    onChoose={() => {
                      setStatus(id);
                      close();
                    }}
                  />
                ))
              }
            </Popover>
            <button type="button" className={buttons["text"]} title="Add an item (c)" onClick={() => setIsAdding(true)}>
              <Icon name="plus" size={14} /> Item
            </button>
            <button type="button" className={buttons["text"]} onClick={() => setIsDeleting(true)}>
              Delete
            </button>
          </>
        )}
        above={<Runs project={project} name={name} description={dataset.data?.description ?? null} />}
        commands={(selected) => [
          { id: "add", label: "Add an item", keys: ["c"], run: () => setIsAdding(true) },
          {
            id: "edit",
            label: "Edit the item",
            keys: ["e", "Enter"],
            isKeyOnly: true,
            isEnabled: selected !== undefined,
            run: () => setEdited(selected ?? null),
          },
        ]}
        actions={(checked, clear) => (
          <>
            <button
              type="button"
              className={buttons["text"]}
              onClick={() => {
                const next = status === "ACTIVE" ? "ARCHIVED" : "ACTIVE";
                for (const { id } of checked) changeItem.mutate({ id, status: next });
                clear();
              }}
            >
              {status === "ACTIVE" ? "Archive" : "Put back"}
            </button>
            <button
              type="button"
              className={buttons["text"]}
              onClick={() => {
                for (const { id } of checked) removeItem.mutate(id);
                clear();
              }}
            >
              Delete
            </button>
          </>
        )}
        empty={
          <Notice
            title={status === "ACTIVE" ? "No item yet" : "No archived item"}
            level={2}
            actions={
              <Link href={observationsPath(project, { q: "type:generation" })} className={buttons["primary"]}>
                Choose from model calls
              </Link>
            }
          >
            <p>
              Select observations with <kbd>x</kbd> and add them: their input becomes the item's input, their output the
              expected output, which you can edit here.
            </p>
          </Notice>
        }
      />
      {(edited !== null || isAdding) && (
        <ItemDialog
          key={edited?.id ?? "new"}
          datasetName={name}
          itemId={edited?.id ?? null}
          onClose={() => {
            setEdited(null);
            setIsAdding(false);
          }}
        />
      )}
      {isDeleting && (
        <FormDialog
          title={`Delete ${name}?`}
          submit="Delete"
          isPending={remove.isPending}
          error={remove.error}
          onSubmit={() => remove.mutate(name, { onSuccess: () => navigate(datasetsPath(project)) })}
          onClose={() => setIsDeleting(false)}
        >
          <p>
            Its {dataset.data?.itemCount ?? 0} items and {dataset.data?.runCount ?? 0} runs go with it. The traces stay.
          </p>
        </FormDialog>
      )}
    </>
  );
}

function sourceHref(project: string, item: DatasetItemRow): string {
  return tracePath(project, item.sourceTraceId ?? "", item.sourceObservationId);
}

function itemColumns(project: string, onEdit: (item: DatasetItemRow) => void): Column<DatasetItemRow>[] {
  return [
    column({
      id: "input",
      label: "Input",
      width: 220,
      grow: 1,
      priority: Number.POSITIVE_INFINITY,
      isFixed: true,
      cell: (item) => <ItemInput item={item} onEdit={onEdit} />,
    }),
    column({
      id: "expected",
      label: "Expected output",
      width: 220,
      grow: 1,
      priority: 9,
      cell: (item) => (
        <span className={styles["text"]}>{rowPreview(item, "expectedOutput") ?? <Muted>none</Muted>}</span>
      ),
    }),
    column({
      id: "source",
      label: "Source",
      width: 84,
      priority: 5,
      cell: (item) =>
        item.sourceTraceId === null ? (
          <Muted>by hand</Muted>
        ) : (
          <OpenLink href={sourceHref(project, item)}>observation</OpenLink>
        ),
    }),
    column({
      id: "updated",
      label: "Changed",
      width: 76,
      priority: 6,
      cell: ({ updatedAt }, { nowMs }) => <RelativeTime timeMs={updatedAt} nowMs={nowMs} />,
    }),
  ];
}

function ItemInput({ item, onEdit }: { item: DatasetItemRow; onEdit: (item: DatasetItemRow) => void }) {
  return (
    <button type="button" className={styles["edit"]} title="Edit (e)" onClick={() => onEdit(item)}>
      {rowPreview(item, "input") ?? "no input"}
    </button>
  );
}

/** Above the items: what the dataset is for, and the runs over it. */
function Runs({ project, name, description }: { project: string; name: string; description: string | null }) {
  const runs = useDatasetRuns(name);
  const list = runs.data?.data ?? [];
  if (description === null && list.length === 0) return null;
  return (
    <div className={styles["runs"]}>
      {description !== null && <p>{description}</p>}
      {list.length > 0 && (
        <ul aria-label="Runs">
          {list.slice(0, MAX_RUNS).map((run) => (
            <li key={run.id} title={formatLocal(run.createdAt)}>
              <Link href={runPath(project, name, run.name)}>
                {run.name} <small>{run.itemCount} items</small>
              </Link>
            </li>
          ))}
          {list.length > MAX_RUNS && <li>and {list.length - MAX_RUNS} more</li>}
        </ul>
      )}
    </div>
  );
}
