import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

export interface Page {
  /** Path below the documentation's folder, with `/`. */
  path: string;
  text: string;
}

export interface Passage {
  /** `masking.md: Rules`: what an answer cites. */
  title: string;
  page: string;
  text: string;
}

const maxPassageChars = 1500;
const skippedFolders = new Set(["node_modules", "dist", "artifacts"]);

/** Every Markdown page below `folder`, by path. */
export async function readPages(folder: string): Promise<Page[]> {
  const pages: Page[] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory() && !skippedFolders.has(entry.name) && !entry.name.startsWith(".")) await visit(path);
      else if (entry.isFile() && entry.name.endsWith(".md")) {
        pages.push({ path: relative(folder, path).split(sep).join("/"), text: await readFile(path, "utf8") });
      }
    }
  };
  await visit(folder);
  return pages.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** A page in passages: one per heading, long sections cut between paragraphs. */
export function passagesOf(page: Page): Passage[] {
  const passages: Passage[] = [];
  let heading = "";
  let text = "";
  const close = (): void => {
    if (text.trim() !== "") {
      passages.push({
        title: heading === "" ? page.path : `${page.path}: ${heading}`,
        page: page.path,
        text: text.trim(),
      });
    }
    text = "";
  };
  for (const paragraph of page.text.split(/\n\s*\n|\n(?=#)/)) {
    const title = /^#{1,6}\s+(.+)/.exec(paragraph)?.[1];
    if (title !== undefined || text.length + paragraph.length > maxPassageChars) close();
    if (title !== undefined) heading = title.trim();
    const body = title === undefined ? paragraph : paragraph.replace(/^#.*\n?/, "");
    text += `${body.slice(0, maxPassageChars)}\n\n`;
  }
  close();
  return passages;
}
