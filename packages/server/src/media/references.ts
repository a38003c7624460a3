import { isObject } from "../http/json-body.ts";

/** A string that stands for a media in a payload, as Langfuse's SDKs write it. */
const REFERENCE = /^@@@langfuseMedia:(?:[a-z]+=[^|@]*\|)*id=([^|@]+)(?:\|[a-z]+=[^|@]*)*@@@$/;
const MARK = "@@@langfuseMedia:";

/** Langfuse's clients do not look deeper. */
const MAX_DEPTH = 20;
/** Of one field; a payload that names more is shown with its references as they are. */
const MAX_REFERENCES = 100;

export interface MediaReference {
  referenceString: string;
  mediaId: string;
  /** Where the string is: `$['image'][0]`. Keys are not escaped: Langfuse's clients read them to the letter. */
  jsonPath: string;
}

/** The references in a field's JSON text. */
export function findMediaReferences(text: string | null): MediaReference[] {
  if (text === null || !text.includes(MARK)) return [];
  const found: MediaReference[] = [];
  const look = (value: unknown, jsonPath: string, depth: number): void => {
    if (depth > MAX_DEPTH || found.length >= MAX_REFERENCES) return;
    if (typeof value === "string") {
      const mediaId = REFERENCE.exec(value)?.[1];
      if (mediaId !== undefined) found.push({ referenceString: value, mediaId, jsonPath });
    } else if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) look(element, `${jsonPath}[${index}]`, depth + 1);
    } else if (isObject(value)) {
      for (const [key, member] of Object.entries(value)) look(member, `${jsonPath}['${key}']`, depth + 1);
    }
  };
  look(JSON.parse(text), "$", 0);
  return found;
}
