import { matchesText, tokenize, type TextPattern } from "../../../search/text.ts";
import { sql, type Runner } from "./sql.ts";

/** Names that full-text search looks at; a sender that writes ids into names can make any number. */
const MAX_NAMES = 20_000;

interface KnownName {
  id: number;
  name: string;
  tokens: string[];
}

/** The names of observations, cut into words. They are few, and read as they come. */
export class NameIndex {
  readonly #runner: Runner;
  readonly #byProject = new Map<string, { lastId: number; names: KnownName[] }>();

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  /** Term and text of the names that have the words. */
  find(projectId: string, pattern: TextPattern): { id: number; name: string }[] {
    const known = this.#refresh(projectId);
    return known.names.filter(({ tokens }) => matchesText(tokens, pattern));
  }

  #refresh(projectId: string): { lastId: number; names: KnownName[] } {
    let known = this.#byProject.get(projectId);
    if (known === undefined) this.#byProject.set(projectId, (known = { lastId: 0, names: [] }));
    const rows = this.#runner.all<{ id: number; value: string }>(
      sql(
        "SELECT id, value FROM terms WHERE id > ? AND project_id = ? AND field = 'name' ORDER BY id LIMIT ?",
        known.lastId,
        projectId,
        MAX_NAMES - known.names.length,
      ),
    );
    for (const { id, value } of rows) {
      known.names.push({ id, name: value, tokens: tokenize(value) });
      known.lastId = id;
    }
    return known;
  }
}
