/**
 * Whether a name or id can be a part of a path. `.` and `..` are steps to every parser of URLs, and stay so when they are percent-encoded: nobody could
 * ask for what is called so. Anything else is reached by `encodeURIComponent`.
 */
export function hasAddress(name: string): boolean {
  return name !== "." && name !== "..";
}

/** @param field what the sender calls it. */
export function noAddress(field: string): string {
  return `${field} cannot be "." or "..": no address can have that.`;
}
