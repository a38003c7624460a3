import type Database from "libsql";

export interface BegunDeletion {
  projectId: string;
  /** `null`: of the whole project. */
  traceId: string | null;
}

/**
 * What is being deleted in several steps and is not hidden yet: a large trace while its scores go, a project while its traces go. In the file, in the
 * same transaction as the first step, so that a crash between two steps leaves nothing half of which is gone.
 */
export class BegunDeletions {
  readonly #note;
  readonly #end;
  readonly #left: BegunDeletion[];

  constructor(database: Database.Database) {
    this.#note = database.prepare("INSERT OR IGNORE INTO begun_deletions (project_id, trace_id) VALUES (?, ?)");
    this.#end = database.prepare("DELETE FROM begun_deletions WHERE project_id = ? AND trace_id = ?");
    const rows = database.prepare("SELECT project_id, trace_id FROM begun_deletions").raw().all() as [string, string][];
    this.#left = rows.map(([projectId, traceId]) => ({ projectId, traceId: traceId === "" ? null : traceId }));
  }

  /** One that another process has begun and this one has not ended: what is begun by this one, its callers end. */
  get next(): BegunDeletion | undefined {
    return this.#left[0];
  }

  note({ projectId, traceId }: BegunDeletion): void {
    this.#note.run([projectId, traceId ?? ""]);
  }

  end({ projectId, traceId }: BegunDeletion): void {
    this.#end.run([projectId, traceId ?? ""]);
    const place = this.#left.findIndex((one) => one.projectId === projectId && one.traceId === traceId);
    if (place >= 0) this.#left.splice(place, 1);
  }
}
