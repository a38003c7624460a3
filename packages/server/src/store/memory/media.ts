import { MEDIA_PART_BYTES, type MediaLink, type MediaWrite } from "../../model/media.ts";
import type { MediaReads } from "../media.ts";

interface ProjectMedia {
  content: Map<string, NonNullable<MediaWrite["content"]>>;
  /** By their own JSON, which makes each stand once and sorts them. */
  links: Map<string, MediaLink>;
}

export class MemoryMedia implements MediaReads {
  readonly #projects = new Map<string, ProjectMedia>();

  deleteOfProject(projectId: string): void {
    this.#projects.delete(projectId);
  }

  write(projectId: string, { link, content }: MediaWrite): void {
    const project = this.#project(projectId);
    if (content !== null) project.content.set(content.info.id, { ...content, bytes: content.bytes.slice() });
    project.links.set(linkKey(link), link);
  }

  /** With content that nothing else names. */
  deleteOfTrace(projectId: string, traceId: string): void {
    const { links, content } = this.#project(projectId);
    const gone = [...links].filter(([, link]) => link.traceId === traceId);
    for (const [key] of gone) links.delete(key);
    const named = new Set([...links.values()].map((link) => link.mediaId));
    for (const [, { mediaId }] of gone) if (!named.has(mediaId)) content.delete(mediaId);
  }

  async getMedia(projectId: string, id: string) {
    return this.#project(projectId).content.get(id)?.info ?? null;
  }

  async readMedia(projectId: string, id: string, offset: number, maxBytes: number) {
    const bytes = this.#project(projectId).content.get(id)?.bytes;
    const part = bytes?.slice(offset, offset + Math.min(maxBytes, MEDIA_PART_BYTES));
    return part === undefined || part.byteLength === 0 ? null : new Uint8Array(part);
  }

  async listMediaLinks(projectId: string, traceId: string) {
    return [...this.#project(projectId).links]
      .filter(([, link]) => link.traceId === traceId)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, link]) => link);
  }

  #project(projectId: string): ProjectMedia {
    let project = this.#projects.get(projectId);
    if (project === undefined) this.#projects.set(projectId, (project = { content: new Map(), links: new Map() }));
    return project;
  }
}

function linkKey({ traceId, observationId, field, mediaId }: MediaLink): string {
  return JSON.stringify([traceId, observationId ?? "", field, mediaId]);
}
