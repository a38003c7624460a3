/** Runs the garbage collector until `isDone`, for at most three seconds. */
export async function collectGarbage(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let i = 0; i < 150 && !(await isDone()); i += 1) {
    // What a `WeakRef` was asked for is held until its turn of the event loop is over.
    await new Promise((resolve) => setTimeout(resolve, 0));
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
