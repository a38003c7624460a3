/** A timer that never keeps the process alive. Every timer of ours is made here, save those that wait for an exit. */
export function setQuietTimeout(task: () => void, ms: number): () => void {
  const timer: unknown = setTimeout(task, ms);
  (timer as { unref?: () => void }).unref?.();
  return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
}
