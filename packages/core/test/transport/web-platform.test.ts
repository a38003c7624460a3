import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("workerd's own queueMicrotask, which refuses to be a method of ours, runs what is deferred", async () => {
  vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
  const real = queueMicrotask;
  vi.stubGlobal("queueMicrotask", function (this: unknown, task: () => void) {
    if (this !== undefined && this !== globalThis) throw new TypeError("Illegal invocation");
    real(task);
  });
  const { platform } = await import("../../src/platform/web.ts");
  const task = vi.fn();
  platform.defer(task);
  expect(task).not.toHaveBeenCalled();
  await Promise.resolve();
  expect(task).toHaveBeenCalledOnce();
});

test.each(["-_8=", "-_8", "+/8="])("base64 in either alphabet is read: %s", async (text) => {
  const { platform } = await import("../../src/platform/web.ts");
  expect([...platform.fromBase64(text)!]).toEqual([0xfb, 0xff]);
});
