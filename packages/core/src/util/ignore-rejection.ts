/**
 * For what a user's callback gives back. Nobody else has the promise of an `async` one: its rejection would be one that nobody
 * handles, and ends the process. Told by its tag: a test runner's callbacks may be of another realm.
 */
export function ignoreRejection(result: unknown, onError: (error: unknown) => void = () => {}): void {
  const promise = result as Promise<unknown> | null | undefined;
  if (promise?.[Symbol.toStringTag] === "Promise") promise.then(undefined, onError);
}
