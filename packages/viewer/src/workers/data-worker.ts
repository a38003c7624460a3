/// <reference lib="webworker" />
import { ApiError } from "../api/http.ts";
import { transferables, type TraceModel } from "../trace/model.ts";
import { createMethods } from "./methods.ts";
import type { AbortMessage, CallMessage, ReplyMessage } from "./protocol.ts";

const aborts = new Map<number, AbortController>();
const methods = createMethods();

self.addEventListener("message", ({ data }: MessageEvent<CallMessage | AbortMessage>) => {
  if ("abort" in data) aborts.get(data.abort)?.abort();
  else void answer(data);
});

async function answer({ id, method, args }: CallMessage): Promise<void> {
  const controller = new AbortController();
  aborts.set(id, controller);
  try {
    const call = methods(controller.signal)[method] as (...args: unknown[]) => Promise<unknown>;
    const value = await call(...args);
    const reply: ReplyMessage = { id, value };
    // The model's columns are handed over, not copied.
    self.postMessage(reply, method === "loadTrace" ? transferables(value as TraceModel) : []);
  } catch (error) {
    const { message, name } = error instanceof Error ? error : new Error(String(error));
    const reply: ReplyMessage = {
      id,
      error: {
        message,
        name,
        ...(error instanceof ApiError ? { status: error.status, code: error.code } : { status: null, code: null }),
      },
    };
    self.postMessage(reply);
  } finally {
    aborts.delete(id);
  }
}
