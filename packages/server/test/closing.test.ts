import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createServer } from "../src/index.ts";
import { exportOf, span } from "./otlp-messages.ts";

describe("closing", () => {
  it("does not wait for connections that ask for nothing", async () => {
    const server = await createServer({ port: 0, db: ":memory:" });
    // As browsers and `fetch` open them ahead of need.
    const sockets = [connect(server.port, "127.0.0.1"), connect(server.port, "127.0.0.1")];
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const ended = sockets.map(
      (socket) =>
        // One that the server has not looked at yet is reset.
        new Promise((resolve) => {
          socket.on("error", () => undefined).on("close", resolve);
        }),
    );
    const cut = new Promise((resolve) => setTimeout(resolve, 4000, "late"));
    expect(await Promise.race([server.close().then(() => "soon"), cut])).toBe("soon");
    await Promise.all(ended);
  });

  it("answers what was asked before", async () => {
    const server = await createServer({ port: 0, db: ":memory:" });
    const asked = request(`${server.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    const body = JSON.stringify(exportOf([span(1)]));
    asked.write(body.slice(0, 10));
    const answered = once(asked, "response") as Promise<[{ statusCode: number; resume: () => void }]>;
    await once(asked, "socket");
    while (
      (
        await fetch(`${server.url}/api/status`).then(
          (answer) => answer.json() as Promise<{ ingest: { requests: number } }>,
        )
      ).ingest.requests < 1
    );
    const closed = server.close();
    asked.end(body.slice(10));
    const [answer] = await answered;
    answer.resume();
    expect(answer.statusCode).toBe(200);
    await closed;
  });
});
