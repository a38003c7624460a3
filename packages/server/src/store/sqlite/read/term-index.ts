import { MAX_TERM_CHARS } from "../../../search/metadata.ts";
import type { FieldName } from "../../../query/language/fields.ts";
import type { QueryTarget } from "../../../query/language/ast.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

/** Fields whose values `trace_terms` has, under which name. */
const TERM_FIELDS: Partial<Record<FieldName, string>> = {
  observation: "name",
  type: "type",
  level: "level",
  model: "model",
  provider: "provider",
  prompt: "prompt",
  tag: "tag",
  environment: "environment",
  release: "release",
  version: "version",
};

export function termFieldOf(target: QueryTarget, field: FieldName): string | undefined {
  return TERM_FIELDS[target === "observations" && field === "name" ? "observation" : field];
}

/** The inverted index from values to the traces that have an observation with one of them. */
export class TermIndex {
  readonly #runner: Runner;
  readonly #projectId: string;

  constructor(runner: Runner, projectId: string) {
    this.#runner = runner;
    this.#projectId = projectId;
  }

  /** The number of a value; `undefined` where no trace has it. */
  find(field: string, value: string): number | undefined {
    return this.#runner.get<{ id: number }>(
      sql(
        "SELECT id FROM terms WHERE project_id = ? AND field = ? AND value = ?",
        this.#projectId,
        field,
        value.slice(0, MAX_TERM_CHARS),
      ),
    )?.id;
  }

  /** The traces with a value of the field that the pattern fits, or may fit where it was cut; one may come more than once. */
  tracesLike(field: string, glob: string): Sql {
    return sql(
      `SELECT x.trace AS rid FROM terms m CROSS JOIN trace_terms x ON x.term = m.id
       WHERE m.project_id = ? AND m.field = ? AND (m.value GLOB ? OR length(CAST(m.value AS BLOB)) >= ?)`,
      this.#projectId,
      field,
      glob,
      // In bytes, which are no fewer than the characters that it was cut to.
      MAX_TERM_CHARS,
    );
  }
}
