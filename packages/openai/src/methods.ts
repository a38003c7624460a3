import type { Surface } from "./surface.ts";
import { speech, transcriptions, translations } from "./surfaces/audio.ts";
import { chatCompletions } from "./surfaces/chat.ts";
import { completions } from "./surfaces/completions.ts";
import { embeddings } from "./surfaces/embeddings.ts";
import { imagesCreateVariation, imagesEdit, imagesGenerate } from "./surfaces/images.ts";
import { moderations } from "./surfaces/moderations.ts";
import { responses, responsesCompact } from "./surfaces/responses.ts";

/** What is recorded: the path of a method in the client, and how its calls are read. Everything else passes through untouched. */
export const RECORDED: Readonly<Record<string, Surface>> = {
  "chat.completions.create": chatCompletions,
  "responses.create": responses,
  "responses.compact": responsesCompact,
  "beta.responses.create": responses,
  "beta.responses.compact": responsesCompact,
  "completions.create": completions,
  "embeddings.create": embeddings,
  "images.generate": imagesGenerate,
  "images.edit": imagesEdit,
  "images.createVariation": imagesCreateVariation,
  "audio.transcriptions.create": transcriptions,
  "audio.translations.create": translations,
  "audio.speech.create": speech,
  "moderations.create": moderations,
};

/** Methods whose results tell how a response that was left to the provider goes on. */
export const FOLLOWED: ReadonlySet<string> = new Set([
  "responses.retrieve",
  "responses.cancel",
  "beta.responses.retrieve",
  "beta.responses.cancel",
]);

/** Methods that call `create` and `retrieve` on `this._client`: they run on the observed resource, so that it is recorded. */
export const COMPOSED: ReadonlySet<string> = new Set([
  ...["chat.completions", "beta.chat.completions"].flatMap((place) =>
    ["parse", "stream", "runTools", "runFunctions"].map((method) => `${place}.${method}`),
  ),
  "responses.parse",
  "responses.stream",
]);

/** The paths of the objects on the way to such a method. */
export const PLACES: ReadonlySet<string> = new Set(
  [...Object.keys(RECORDED), ...FOLLOWED, ...COMPOSED].flatMap((path) => {
    const names = path.split(".");
    return names.slice(0, -1).map((_, at) => names.slice(0, at + 1).join("."));
  }),
);
