import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mediaFileName, mediaKind, nameMediaTokens, parseMediaToken, splitMediaTokens } from "../src/model/media.ts";

const ID = "qW-3_hZr0aB1cD2eF3gH4i";
const TOKEN = `@@@langfuseMedia:type=image/png|id=${ID}|source=base64_data_uri@@@`;

describe("parseMediaToken", () => {
  it("reads a token", () => {
    expect(parseMediaToken(TOKEN)).toEqual({ id: ID, contentType: "image/png" });
  });

  it("reads types with points, plus and dash, and writes them in lower case", () => {
    const type = "Application/vnd.openxmlformats-officedocument.wordprocessingml.document+xml";
    expect(parseMediaToken(TOKEN.replace("image/png", type))?.contentType).toBe(type.toLowerCase());
  });

  it.each([
    ["text around it", `see ${TOKEN}`],
    ["two tokens", TOKEN + TOKEN],
    ["nothing", ""],
    ["an id that is too short", TOKEN.replace(ID, ID.slice(1))],
    ["an id that is too long", TOKEN.replace(ID, `${ID}x`)],
    ["an id that leaves its path", TOKEN.replace(ID, "../../../api/traces?a=")],
    ["an id of plain base64", TOKEN.replace("-", "+")],
    ["no type", TOKEN.replace("image/png", "")],
    ["a type without a subtype", TOKEN.replace("image/png", "image")],
    ["a type with parameters", TOKEN.replace("image/png", "image/png;x=1")],
    ["another order of its parts", `@@@langfuseMedia:id=${ID}|type=image/png|source=bytes@@@`],
    ["no end", TOKEN.slice(0, -1)],
    ["a line break inside", TOKEN.replace("|id", "\n|id")],
  ])("refuses %s", (_, text) => {
    expect(parseMediaToken(text)).toBeNull();
  });
});

describe("splitMediaTokens", () => {
  it("keeps the text around tokens, in order", () => {
    expect(splitMediaTokens(`before ${TOKEN}${TOKEN} after`)).toEqual([
      "before ",
      { id: ID, contentType: "image/png" },
      { id: ID, contentType: "image/png" },
      " after",
    ]);
  });

  it.each(["", "plain", "@@@langfuseMedia:type=image/png|id=short|source=bytes@@@"])("leaves %j whole", (text) => {
    expect(splitMediaTokens(text)).toEqual([text]);
  });

  it("loses no character, whatever the text", () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(TOKEN, "@@@", "@@@langfuseMedia:", TOKEN.slice(3)));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        const parts = splitMediaTokens(text);
        expect(parts.map((part) => (typeof part === "string" ? part : TOKEN)).join("")).toBe(text);
      }),
    );
  });

  it("takes time in proportion for text made of beginnings", () => {
    const text = "@@@langfuseMedia:type=a/".repeat(100_000);
    const startedAt = performance.now();
    expect(splitMediaTokens(text)).toEqual([text]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("nameMediaTokens", () => {
  it("names whole tokens, and one that a preview's end cut off", () => {
    expect(nameMediaTokens(`a ${TOKEN} b`)).toBe("a [image/png] b");
    expect(nameMediaTokens(`a ${TOKEN.slice(0, -20)}`)).toBe("a [image/png…]");
    expect(nameMediaTokens("a @@@ b")).toBe("a @@@ b");
  });
});

describe("mediaKind", () => {
  it.each([
    ["image/png", "image"],
    ["image/webp", "image"],
    ["audio/wav", "audio"],
    ["image/svg+xml", "file"],
    ["text/html", "file"],
    ["application/pdf", "file"],
  ])("shows %s as %s", (contentType, kind) => {
    expect(mediaKind(contentType)).toBe(kind);
  });
});

describe("mediaFileName", () => {
  it.each([
    ["image/jpeg", "jpg"],
    ["application/pdf", "pdf"],
    ["application/vnd.ms-excel", "bin"],
  ])("names %s .%s", (contentType, extension) => {
    expect(mediaFileName({ id: ID, contentType })).toBe(`${ID}.${extension}`);
  });
});
