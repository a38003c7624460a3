/** In place of vitest's own listener, which fails the run. */
export function catchUnhandledRejections(): { rejections: unknown[]; restore: () => void } {
  const rejections: unknown[] = [];
  const listeners = process.listeners("unhandledRejection");
  const listen = (reason: unknown): void => void rejections.push(reason);
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", listen);
  return {
    rejections,
    restore() {
      process.off("unhandledRejection", listen);
      for (const listener of listeners) process.on("unhandledRejection", listener);
    },
  };
}
