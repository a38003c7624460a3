import { useMemo, useState } from "react";
import { useLocation } from "wouter";
import type { Dataset } from "../../api/types.ts";
import { fetchDatasets, useDatasetChanges } from "../../api/use-datasets.ts";
import { formatExact } from "../../model/format.ts";
import type { PageProps } from "../../pages.tsx";
import { datasetPath } from "../../routes.ts";
import { Muted, RelativeTime } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { PhoneRow, RowTitle } from "../../table/row-parts.tsx";
import buttons from "../../ui/button.module.css";
import { Field, FormDialog } from "../../ui/form.tsx";
import form from "../../ui/form.module.css";
import { Icon } from "../../ui/icons.tsx";
import { Notice } from "../../ui/notice.tsx";
import { PageList } from "../list/page-list.tsx";

const idOf = (dataset: Dataset): string => dataset.id;

export function DatasetsPage({ project }: PageProps) {
  const [isCreating, setIsCreating] = useState(false);
  const source = useMemo(
    () => ({
      queryKey: ["datasets", project, "list"],
      fetchPage: (cursor: string | null, signal: AbortSignal) => fetchDatasets(project, cursor, signal),
      idOf,
    }),
    [project],
  );
  const columns = useMemo(() => datasetColumns(project), [project]);
  return (
    <>
      <PageList
        title="Datasets"
        nouns={["dataset", "datasets"]}
        source={source}
        columns={columns}
        hrefOf={({ name }) => datasetPath(project, name)}
        phoneRow={(dataset, nowMs) => (
          <PhoneRow
            title={<DatasetName project={project} dataset={dataset} />}
            facts={<span>{dataset.itemCount} items</span>}
            timeMs={dataset.updatedAt}
            nowMs={nowMs}
          />
        )}
        commands={() => [{ id: "new", label: "New dataset", keys: ["c"], run: () => setIsCreating(true) }]}
        toolbar={() => (
          <button type="button" className={buttons["text"]} title="New dataset (c)" onClick={() => setIsCreating(true)}>
            <Icon name="plus" size={14} /> New dataset
          </button>
        )}
        empty={
          <Notice
            title="No dataset yet"
            level={2}
            actions={
              <button type="button" className={buttons["primary"]} onClick={() => setIsCreating(true)}>
                New dataset
              </button>
            }
          >
            <p>
              A dataset is a list of inputs with the outputs one expects: to test a change against, or to fine-tune a
              model with. Fill it from what your application really did: select observations with <kbd>x</kbd> and add
              them.
            </p>
          </Notice>
        }
      />
      {isCreating && <CreateDataset project={project} onClose={() => setIsCreating(false)} />}
    </>
  );
}

function datasetColumns(project: string): Column<Dataset>[] {
  return [
    column({
      id: "dataset",
      label: "Dataset",
      width: 220,
      grow: 2,
      priority: Number.POSITIVE_INFINITY,
      isFixed: true,
      cell: (dataset) => <DatasetName project={project} dataset={dataset} />,
    }),
    column({
      id: "items",
      label: "Items",
      width: 70,
      align: "end",
      priority: 9,
      cell: ({ itemCount }) => formatExact(itemCount),
    }),
    column({
      id: "runs",
      label: "Runs",
      width: 70,
      align: "end",
      priority: 7,
      cell: ({ runCount }) => (runCount === 0 ? <Muted>–</Muted> : formatExact(runCount)),
    }),
    column({
      id: "updated",
      label: "Changed",
      width: 84,
      priority: 8,
      cell: ({ updatedAt }, { nowMs }) => <RelativeTime timeMs={updatedAt} nowMs={nowMs} />,
    }),
    column({
      id: "created",
      label: "Created",
      width: 84,
      priority: 3,
      cell: ({ createdAt }, { nowMs }) => <RelativeTime timeMs={createdAt} nowMs={nowMs} />,
    }),
  ];
}

function DatasetName({ project, dataset }: { project: string; dataset: Dataset }) {
  return <RowTitle href={datasetPath(project, dataset.name)} title={dataset.name} detail={dataset.description} />;
}

function CreateDataset({ project, onClose }: { project: string; onClose: () => void }) {
  const { create } = useDatasetChanges();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [, navigate] = useLocation();
  return (
    <FormDialog
      title="New dataset"
      submit="Create"
      isPending={create.isPending}
      isIncomplete={name.trim() === ""}
      error={create.error}
      onSubmit={() =>
        create.mutate(
          { name: name.trim(), description: description.trim() === "" ? null : description.trim() },
          { onSuccess: (dataset) => navigate(datasetPath(project, dataset.name)) },
        )
      }
      onClose={onClose}
    >
      <Field label="Name">
        <input
          autoFocus
          type="text"
          className={form["input"]}
          value={name}
          maxLength={200}
          placeholder="golden-answers"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label="What it is for">
        <input
          type="text"
          className={form["input"]}
          value={description}
          maxLength={2_000}
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
