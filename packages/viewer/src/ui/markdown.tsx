import { memo } from "react";
import { type Block, type Inline, parseMarkdown } from "../model/markdown.ts";
import { visibleText } from "../model/visible-text.ts";
import { CodeBlock } from "./code-block.tsx";
import styles from "./markdown.module.css";

/** Text of a model or a user: hostile until proven otherwise, so elements are built from data and never from HTML. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  // Blocks and inlines have no identity but their place, and the text never changes under them.
  /* oxlint-disable react/no-array-index-key */
  return (
    <div className={styles["text"]}>
      {parseMarkdown(visibleText(text)).map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
});

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "code":
      return <CodeBlock code={block.text} wrap />;
    case "heading":
      return (
        <div className={styles["heading"]} role="heading" aria-level={Math.min(6, block.level + 3)}>
          <Inlines inlines={block.inlines} />
        </div>
      );
    case "list":
      return (
        <ul className={styles["list"]}>
          {block.items.map((item, index) => (
            <li key={index} style={{ paddingLeft: item.depth * 16 }}>
              <span className={styles["marker"]}>{item.marker}</span>
              <span>
                <Inlines inlines={item.inlines} />
              </span>
            </li>
          ))}
        </ul>
      );
    case "table":
      return <TableView table={block} />;
    default:
      return (
        <p>
          <Inlines inlines={block.inlines} />
        </p>
      );
  }
}

function TableView({ table: { aligns, head, rows } }: { table: Extract<Block, { kind: "table" }> }) {
  const alignOf = (at: number) => ({ textAlign: aligns[at] ?? undefined });
  return (
    // Focusable, as it may scroll sideways.
    <div className={styles["table"]} tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col" style={alignOf(at)}>
                <Inlines inlines={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, at) => (
                <td key={at} style={alignOf(at)}>
                  <Inlines inlines={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Inlines({ inlines }: { inlines: readonly Inline[] }) {
  return inlines.map((inline, index) => {
    switch (inline.kind) {
      case "code":
        return <code key={index}>{inline.text}</code>;
      case "strong":
        return <strong key={index}>{inline.text}</strong>;
      case "em":
        return <em key={index}>{inline.text}</em>;
      case "link":
        return (
          <a key={index} href={inline.href} target="_blank" rel="noopener noreferrer" title={inline.href}>
            {inline.text}
          </a>
        );
      default:
        return inline.text;
    }
  });
}
