import { type RefObject, useEffect, useState } from "react";
import { formatExact } from "../../model/format.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { TRACE_VIEWS } from "./trace-views.ts";
import type { TraceState } from "./use-trace-state.ts";
import styles from "./trace-toolbar.module.css";

/** What is typed is looked for when one pauses: the address and the server follow, not each letter. */
const FIND_AFTER_MS = 200;

interface TraceToolbarProps {
  state: TraceState;
  inputRef: RefObject<HTMLInputElement | null>;
}

/** Above the left pane: which view, where to jump, and the search in the trace. */
export function TraceToolbar({ state, inputRef }: TraceToolbarProps) {
  return (
    <div className={styles["bar"]}>
      <div className={styles["views"]} role="group" aria-label="View">
        {TRACE_VIEWS.map(({ id, label, icon, key }) => (
          <button
            key={id}
            type="button"
            aria-pressed={state.view === id}
            title={`${label} (${key})`}
            onClick={() => state.setView(id)}
          >
            <Icon name={icon} size={13} />
            <span>{label}</span>
          </button>
        ))}
      </div>
      <FindField state={state} inputRef={inputRef} />
      <button
        type="button"
        className={buttons["icon"]}
        title="What took longest (w)"
        aria-label="Go to what took longest"
        onClick={state.toSlowest}
      >
        <Icon name="clock" size={14} />
      </button>
      <button
        type="button"
        className={buttons["icon"]}
        title="What cost most (m)"
        aria-label="Go to what cost most"
        onClick={state.toMostExpensive}
      >
        <Icon name="coin" size={14} />
      </button>
    </div>
  );
}

function FindField({ state, inputRef }: TraceToolbarProps) {
  const { find, setFind, matches, isFinding, isFindCut } = state;
  const [text, setText] = useState(find);
  useEffect(() => setText(find), [find]);
  useEffect(() => {
    if (text === find) return undefined;
    const timer = setTimeout(() => setFind(text), FIND_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, find, setFind]);
  return (
    <label className={styles["find"]}>
      <Icon name="search" size={13} />
      <span className="sr-only">Find in the trace</span>
      <input
        ref={inputRef}
        type="text"
        value={text}
        placeholder="Find"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            if (text !== find) setFind(text);
            else state.toMatch(event.shiftKey ? -1 : 1);
          } else if (event.key === "Escape") {
            setText("");
            setFind("");
            event.currentTarget.blur();
          } else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span className={styles["matches"]} role="status">
        {find === "" ? "" : isFinding ? "…" : `${formatExact(matches.length)}${isFindCut ? "+" : ""}`}
      </span>
    </label>
  );
}
