import { useState } from "react";
import { Icon } from "./icons.tsx";
import styles from "./json-tree.module.css";

interface JsonFindProps {
  label: string;
  /** Resolves to whether there is a match. */
  onFind: (text: string, step: 1 | -1) => Promise<boolean>;
}

export function JsonFind({ label, onFind }: JsonFindProps) {
  const [text, setText] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const find = (step: 1 | -1): void => {
    if (text !== "") void onFind(text, step).then((isFound) => setIsMissing(!isFound));
  };
  return (
    <label className={styles["find"]} data-missing={isMissing || undefined}>
      <Icon name="search" size={12} />
      <span className="sr-only">Find in {label}</span>
      <input
        type="text"
        value={text}
        placeholder="Find"
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setIsMissing(false);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") find(event.shiftKey ? -1 : 1);
          else if (event.key === "Escape") event.currentTarget.blur();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span role="status" className="sr-only">
        {isMissing ? "Not found" : ""}
      </span>
    </label>
  );
}
