/**
 * For what a user's callback gives back. Nobody else has the promise of an `async` one: its rejection would be one that nobody
 * handles, and ends the process.
 */
export function ignoreRejection(result: unknown, onError: (error: unknown) => void = () => {}): void {
  if (result instanceof Promise) result.catch(onError);
}
