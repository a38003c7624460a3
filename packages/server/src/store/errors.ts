/** The write queue is full; nothing of the batch was taken, and a retry makes sense. */
export class StoreBusyError extends Error {
  override readonly name = "StoreBusyError";
}

export class StoreClosedError extends Error {
  override readonly name = "StoreClosedError";
}

/** The database cannot be opened: no such folder and none can be made, no permission, not a SQLite file, a newer schema. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
}

/** The database's file was deleted, moved or replaced while it was open: what is written goes nowhere. */
export class StoreGoneError extends Error {
  override readonly name = "StoreGoneError";
}

export class InvalidCursorError extends Error {
  override readonly name = "InvalidCursorError";
}

/** What a write names is not there. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";
}

/** A name or id is taken by something else. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/** The list cannot be sorted by this field. */
export class InvalidSortError extends Error {
  override readonly name = "InvalidSortError";
}

/** An answer would have more groups than one has. */
export class TooManyGroupsError extends Error {
  override readonly name = "TooManyGroupsError";
}

/** A trace is larger than its reader takes at once. */
export class TraceTooLargeError extends Error {
  override readonly name = "TraceTooLargeError";
}

/** Errors that keep their class on the way from a worker; an area of the store adds its own here. */
const CARRIED = [
  StoreBusyError,
  StoreClosedError,
  StoreOpenError,
  StoreGoneError,
  InvalidCursorError,
  InvalidSortError,
  NotStoredError,
  ConflictError,
  TooManyGroupsError,
  TraceTooLargeError,
];

/** An error as it crosses between threads. */
export interface CarriedError {
  name: string;
  message: string;
  /** Its own members, plain data only. */
  members: Record<string, unknown>;
}

export function carryError(error: unknown): CarriedError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), members: {} };
  const { name, message, stack: _, cause: __, ...members } = error;
  return CARRIED.some((known) => known.name === name) ? { name, message, members } : { name, message, members: {} };
}

export function reviveError({ name, message, members }: CarriedError): Error {
  const known = CARRIED.find((candidate) => candidate.name === name);
  return known === undefined ? new Error(message) : Object.assign(new known(message), members);
}
