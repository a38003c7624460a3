import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toFile, toStreamingFile } from "openai/uploads";
import { toFile as toFileV4 } from "openai-v4/uploads";
import { describe, expect, it } from "vitest";
import { describeUpload, MAX_UPLOADS } from "../../src/surfaces/upload.ts";

describe("what the client takes as a file", () => {
  it("File and Blob", async () => {
    expect(describeUpload(new File(["abc"], "folder/a.png", { type: "image/png" }))).toEqual({
      upload: "file",
      name: "a.png",
      type: "image/png",
      bytes: 3,
    });
    expect(describeUpload(new Blob(["abcd"]))).toEqual({ upload: "file", bytes: 4 });
    for (const make of [toFile, toFileV4]) {
      const file: unknown = await make(Buffer.from("abc"), "a.wav", { type: "audio/wav" });
      expect(describeUpload(file)).toEqual({ upload: "file", name: "a.wav", type: "audio/wav", bytes: 3 });
    }
  });

  it("fs.ReadStream: its name without folders, and not one byte read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "upload-"));
    const path = join(folder, "talk.mp3");
    writeFileSync(path, "sound");
    for (const given of [path, Buffer.from(path)]) {
      const stream = createReadStream(given);
      expect(describeUpload(stream)).toEqual({ upload: "stream", name: "talk.mp3" });
      expect(stream.bytesRead).toBe(0);
      let text = "";
      for await (const part of stream) text += String(part);
      expect(text).toBe("sound");
    }
    rmSync(folder, { recursive: true });
  });

  it("Response: neither its body nor the signature of its address", () => {
    const response = new Response("sound", { headers: { "content-type": "audio/mpeg", "content-length": "5" } });
    Object.defineProperty(response, "url", { value: "https://host/files/talk.mp3?sig=secret#t" });
    expect(describeUpload(response)).toEqual({ upload: "response", name: "talk.mp3", type: "audio/mpeg", bytes: 5 });
    expect(response.bodyUsed).toBe(false);
  });

  it("streams and streaming files", () => {
    let pulled = 0;
    const readable = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
    expect(describeUpload(readable)).toEqual({ upload: "stream" });
    expect(describeUpload(toStreamingFile(readable, "a.wav", { type: "audio/wav" }))).toEqual({
      upload: "stream",
      name: "a.wav",
      type: "audio/wav",
    });
    async function* parts(): AsyncGenerator<string> {
      pulled += 1;
      yield "a";
    }
    expect(describeUpload(parts())).toEqual({ upload: "stream" });
    expect(pulled).toBe(0);
  });

  it("bytes, and what is nothing of this", () => {
    expect(describeUpload(new Uint8Array(7))).toEqual({ upload: "bytes", bytes: 7 });
    expect(describeUpload(new ArrayBuffer(7))).toEqual({ upload: "bytes", bytes: 7 });
    expect(describeUpload(Promise.resolve("secret"))).toEqual({ upload: "unknown" });
  });

  it("leaves texts and plain JSON as they are", () => {
    const image = { image_url: "https://host/a.png" };
    expect(describeUpload([image, "data:image/png;base64,AAAA"])).toEqual([image, "data:image/png;base64,AAAA"]);
  });

  it("is bounded, and says what was cut", () => {
    const described = describeUpload(Array.from({ length: MAX_UPLOADS + 2 }, () => new Blob([])));
    expect(described).toHaveLength(MAX_UPLOADS + 1);
    expect((described as unknown[]).at(-1)).toBe("[2 files left out]");
  });
});
