/**
 * A small, safe part of Markdown: fenced code, headings, lists, tables, bold, italics, inline code and links. It yields data, never HTML,
 * loads nothing, and keeps every character it does not understand as text.
 */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong"; text: string }
  | { kind: "em"; text: string }
  | { kind: "link"; text: string; href: string };

export type Block =
  | { kind: "code"; language: string; text: string }
  | { kind: "heading"; level: number; inlines: Inline[] }
  | { kind: "list"; items: { marker: string; depth: number; inlines: Inline[] }[] }
  | { kind: "table"; aligns: Align[]; head: Inline[][]; rows: Inline[][][] }
  | { kind: "paragraph"; inlines: Inline[] };

export type Align = "left" | "center" | "right" | null;

/** Beyond this a text is shown as it is: matching would hold up the page. */
export const MAX_MARKDOWN_CHARS = 50_000;

export function parseMarkdown(text: string): Block[] {
  if (text.length > MAX_MARKDOWN_CHARS) return [{ kind: "paragraph", inlines: [{ kind: "text", text }] }];
  const blocks: Block[] = [];
  const paragraph: string[] = [];
  const endParagraph = (): void => {
    const joined = paragraph.join("\n").replace(/^\n+|\s+$/g, "");
    paragraph.length = 0;
    if (joined !== "") blocks.push({ kind: "paragraph", inlines: parseInline(joined) });
  };
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const fence = /^\s*(```+|~~~+)\s*([\w+#.-]*)\s*$/.exec(line);
    if (fence !== null) {
      endParagraph();
      const end = lines.findIndex((other, index) => index > i && other.trim().startsWith(fence[1] ?? "```"));
      const to = end === -1 ? lines.length : end;
      blocks.push({ kind: "code", language: fence[2] ?? "", text: lines.slice(i + 1, to).join("\n") });
      i = to;
      continue;
    }
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (heading !== null) {
      endParagraph();
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, inlines: parseInline(heading[2] ?? "") });
      continue;
    }
    const item = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/.exec(line);
    if (item !== null) {
      endParagraph();
      const marker = item[2] ?? "-";
      const entry = {
        marker: /\d/.test(marker) ? marker : "•",
        depth: Math.min(6, Math.floor((item[1]?.length ?? 0) / 2)),
        inlines: parseInline(item[3] ?? ""),
      };
      const last = blocks.at(-1);
      if (last?.kind === "list") last.items.push(entry);
      else blocks.push({ kind: "list", items: [entry] });
      continue;
    }
    const aligns = line.includes("|") ? readAligns(lines[i + 1] ?? "") : null;
    const head = aligns === null ? [] : readCells(line);
    if (aligns !== null && head.length === aligns.length) {
      endParagraph();
      const rows: Inline[][][] = [];
      for (i += 2; (lines[i] ?? "").includes("|"); i++) {
        const cells = readCells(lines[i] ?? "");
        // A row may have fewer or more cells than the head; nothing of it is left out.
        rows.push(Array.from({ length: Math.max(cells.length, head.length) }, (_, at) => parseInline(cells[at] ?? "")));
      }
      i--;
      blocks.push({ kind: "table", aligns, head: head.map(parseInline), rows });
      continue;
    }
    if (line.trim() === "") endParagraph();
    else paragraph.push(line);
  }
  endParagraph();
  return blocks;
}

/** How the columns are aligned, from the line below a table's head (`|:--|--:|`); `null` for any other line. */
function readAligns(line: string): Align[] | null {
  if (!line.includes("-") || !line.includes("|") || !/^[\s|:-]+$/.test(line)) return null;
  const cells = readCells(line);
  if (!cells.every((cell) => /^:?-+:?$/.test(cell))) return null;
  return cells.map((cell) => {
    const [isLeft, isRight] = [cell.startsWith(":"), cell.endsWith(":")];
    return isRight ? (isLeft ? "center" : "right") : isLeft ? "left" : null;
  });
}

/** A line's cells: at each `|` that no backslash stands before and no inline code holds; those at the ends are frame. */
function readCells(line: string): string[] {
  const cells = line.trim().match(/(?:\\.|`[^`]*`|[^|])+|\|/g) ?? [];
  const found: string[] = [];
  let isOpen = false;
  for (const [at, piece] of cells.entries()) {
    if (piece !== "|") {
      found.push(piece.trim().replaceAll("\\|", "|"));
      isOpen = true;
    } else {
      // Two bars with nothing between them are an empty cell.
      if (!isOpen && at > 0) found.push("");
      isOpen = false;
    }
  }
  return found;
}

// Each alternative is bounded by a line end, so that hostile text cannot make the match slow.
const INLINE =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<![\w*])\*([^*\s][^*\n]*)\*(?![\w*])|(?<!!)\[([^\]\n]{1,300})\]\(([^()\s]{1,2000})\)/g;

export function parseInline(text: string): Inline[] {
  const inlines: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, em, label, href] = match;
    let inline: Inline | null = null;
    if (code !== undefined) inline = { kind: "code", text: code };
    else if (strong !== undefined) inline = { kind: "strong", text: strong };
    else if (em !== undefined) inline = { kind: "em", text: em };
    else if (label !== undefined && href !== undefined && isSafeLink(href))
      inline = { kind: "link", text: label, href };
    if (inline === null) continue;
    if (match.index > at) inlines.push({ kind: "text", text: text.slice(at, match.index) });
    inlines.push(inline);
    at = match.index + whole.length;
  }
  if (at < text.length) inlines.push({ kind: "text", text: text.slice(at) });
  return inlines;
}

/** Model output may hold any address; scripts and data stay text. */
export function isSafeLink(href: string): boolean {
  return /^(https?:\/\/|mailto:)/i.test(href);
}
