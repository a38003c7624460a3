import { expect, test } from "vitest";
import { outcomeOfFailure } from "../../src/transport/outcome.ts";

/** `google.rpc.Status { code: 3, message }`, by https://protobuf.dev/programming-guides/encoding/. */
function status(message: string): Uint8Array {
  const text = Buffer.from(message);
  const length = text.length < 128 ? [text.length] : [(text.length & 0x7f) | 0x80, text.length >> 7];
  return Buffer.from([0x08, 3, 0x12, ...length, ...text]);
}

const refuse = (body: Uint8Array): unknown =>
  outcomeOfFailure({
    status: 400,
    body,
    header: (name) => (name === "content-type" ? "application/x-protobuf" : undefined),
  });

test("tells what an OTLP receiver answers to protobuf", () => {
  expect(refuse(status("No span has ids."))).toMatchObject({ kind: "split", message: "HTTP 400: No span has ids." });
  const long = "a long reason, ".repeat(15);
  expect(refuse(status(long))).toMatchObject({ message: `HTTP 400: ${long}` });
  expect(refuse(new Uint8Array(0))).toMatchObject({ message: "HTTP 400" });
  // Without a message, and with details behind it.
  expect(refuse(Buffer.from([0x08, 3]))).toMatchObject({ message: "HTTP 400" });
  expect(refuse(Buffer.concat([status("No."), Buffer.from([0x1a, 1, 0x41])]))).toMatchObject({
    message: "HTTP 400: No.",
  });
});
