import { expect, test } from "vitest";
import { datasetPath, pathParameters, runPath, sessionPath, userPath } from "../src/routes.ts";

test.each(["ana", "a/b", "100%", "%2F", "<script>alert(1)</script>", "Jürgen ?#&", "a.b"])(
  "an id is the same behind an address: %s",
  (id) => {
    expect(pathParameters("/p/:project/users/:userId", userPath("default", id))).toEqual({
      project: "default",
      userId: id,
    });
    expect(pathParameters("/p/:project/datasets/:name/runs/:run", runPath("default", id, id))).toMatchObject({
      name: id,
      run: id,
    });
    expect(pathParameters("/p/:project/datasets/:name", datasetPath("default", id))).toMatchObject({ name: id });
  },
);

test.each([".", "..", "...", "~", "~.", "~..", "~~..", "~~~", "..~"])(
  "an id is the same behind an address that a browser has read: %s",
  (id) => {
    const read = (path: string): string => new URL(path, "http://localhost:4777").pathname;
    expect(pathParameters("/p/:project/users/:userId", read(userPath("default", id)))).toEqual({
      project: "default",
      userId: id,
    });
    expect(pathParameters("/p/:project/sessions/:sessionId", read(sessionPath("default", id)))).toEqual({
      project: "default",
      sessionId: id,
    });
  },
);

test("what is not well formed is taken as it is", () => {
  expect(pathParameters("/p/:project/users/:userId", "/p/default/users/%")).toMatchObject({ userId: "%" });
});
