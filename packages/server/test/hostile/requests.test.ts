import { expect, it } from "vitest";
import { ask, traceOf } from "./hostile-server.ts";
import { withServer } from "../with-server.ts";

it("redirects to the trace's page in a project of any name", () =>
  withServer({}, async (server) => {
    for (const [project, page] of [
      ["a%00b", "a%00b"],
      ["a%0d%0aX-Evil:%20y", "a%0D%0AX-Evil%3A%20y"],
      ["../../x", "..%2F..%2Fx"],
    ]) {
      const { status, headers } = await ask(server, `/t/${traceOf(1)}?project=${project}`);
      expect([status, headers["location"]]).toEqual([302, `/p/${page}/traces/${traceOf(1)}`]);
    }
  }));

it("lets go of what a HEAD asked for: live streams are not used up", () =>
  withServer({}, async (server) => {
    for (let count = 0; count < 65; count++) expect((await ask(server, "/api/events", "HEAD")).status).toBe(200);
    const stop = new AbortController();
    const stream = await fetch(`${server.url}/api/events`, { signal: stop.signal });
    expect(stream.status).toBe(200);
    stop.abort();
  }));
