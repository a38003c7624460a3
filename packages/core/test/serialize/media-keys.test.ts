import { expect, test } from "vitest";
import { capture } from "../../src/serialize/capture.ts";
import { takeMedia } from "../../src/serialize/media.ts";

test("an attachment under __proto__ is taken out like any other", async () => {
  const uri = `data:image/png;base64,${btoa("image")}`;
  const { value } = capture(JSON.parse(`{"__proto__":"${uri}","b":"${uri}"}`));
  const media: unknown[] = [];
  await takeMedia({ input: value }, false, (item) => media.push(item));
  expect(media).toHaveLength(2);
  const json = JSON.stringify(value);
  expect(json).not.toContain("base64,");
  expect(json).toMatch(/"__proto__":"@@@langfuseMedia/);
});
