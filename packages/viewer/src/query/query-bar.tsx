import { useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { QueryErrorResponse } from "../api/types.ts";
import type { Target } from "../api/client.ts";
import { useFieldValues, useQueryFields } from "../api/use-query-language.ts";
import { Icon } from "../ui/icons.tsx";
import { accept, suggest, type Suggestion, typingAt } from "./complete.ts";
import { QueryHighlight } from "./query-highlight.tsx";
import styles from "./query-bar.module.css";

interface QueryBarProps {
  target: Target;
  /** The query of the address. */
  query: string;
  onQuery: (query: string) => void;
  /** What the server says is wrong with it. */
  error: QueryErrorResponse | null;
  /** Set by the page, for its `/` key. */
  inputRef: React.RefObject<HTMLInputElement | null>;
}

/** Typed filters with completion. Enter asks; what is not understood is said, never ignored. */
export function QueryBar({ target, query, onQuery, error, inputRef }: QueryBarProps) {
  const [text, setText] = useState(query);
  const [caret, setCaret] = useState(0);
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const overlay = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => setText(query), [query]);

  const typing = useMemo(() => typingAt(text, caret), [text, caret]);
  const fields = useQueryFields(target, isOpen);
  const values = useFieldValues(target, typing.field, useDeferredValue(isOpen));
  const suggestions = useMemo(
    () => (isOpen ? suggest(typing, fields, typing.field === null ? {} : { [typing.field]: values }) : []),
    [isOpen, typing, fields, values],
  );
  const at = Math.min(active, suggestions.length - 1);
  const isShown = isOpen && suggestions.length > 0;

  const edit = (next: string, nextCaret: number): void => {
    setText(next);
    setCaret(nextCaret);
    setActive(-1);
    setIsOpen(true);
  };
  const choose = (suggestion: Suggestion): void => {
    const result = accept(text, typing, suggestion);
    // A frame later, the caret would be put before what a fast typist wrote meanwhile.
    flushSync(() => edit(result.query, result.caret));
    inputRef.current?.setSelectionRange(result.caret, result.caret);
  };
  const ask = (next: string): void => {
    setIsOpen(false);
    setText(next.trim());
    onQuery(next.trim());
  };

  return (
    <div className={styles["bar"]} data-invalid={error !== null || undefined}>
      <Icon name="search" size={14} />
      <div className={styles["field"]}>
        <div ref={overlay} className={styles["overlay"]} aria-hidden="true">
          <QueryHighlight text={text} error={text === query ? error : null} />
        </div>
        <input
          ref={inputRef}
          type="text"
          role="combobox"
          aria-label={`Filter ${target}`}
          aria-expanded={isShown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={isShown && at >= 0 ? `${id}-${at}` : undefined}
          aria-invalid={error !== null || undefined}
          aria-errormessage={error === null ? undefined : `${id}-error`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder="Filter by words or fields: status:error cost:>0.01 model:gpt-4o"
          value={text}
          onChange={(event) => edit(event.target.value, event.target.selectionStart ?? event.target.value.length)}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onScroll={(event) => overlay.current?.scrollTo({ left: event.currentTarget.scrollLeft })}
          onFocus={() => setIsOpen(true)}
          onBlur={() => setIsOpen(false)}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown" && isShown) setActive((at + 1) % suggestions.length);
            else if (event.key === "ArrowUp" && isShown) setActive((at <= 0 ? suggestions.length : at) - 1);
            else if ((event.key === "Tab" || event.key === "Enter") && isShown && suggestions[at] !== undefined) {
              choose(suggestions[at]);
            } else if (event.key === "Enter") ask(text);
            else if (event.key === "Escape") {
              if (isShown) setIsOpen(false);
              else if (text !== query) setText(query);
              else event.currentTarget.blur();
            } else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
      </div>
      {text === "" ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button type="button" aria-label="Clear the filter" title="Clear the filter" onClick={() => ask("")}>
          <Icon name="close" size={14} />
        </button>
      )}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Suggestions"
        className={styles["list"]}
        hidden={!isShown}
        // The field keeps the focus.
        onPointerDown={(event) => event.preventDefault()}
      >
        {suggestions.map((suggestion, index) => (
          <div
            key={suggestion.label}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={styles["option"]}
            onClick={() => choose(suggestion)}
          >
            <span className={styles["label"]}>{suggestion.label}</span>
            <span className={styles["detail"]}>{suggestion.detail}</span>
          </div>
        ))}
        <p className={styles["hint"]} aria-hidden="true">
          <kbd>↓</kbd> choose <kbd>Tab</kbd> insert <kbd>Enter</kbd> apply
        </p>
      </div>
      {error !== null && !isShown && (
        <p id={`${id}-error`} role="alert" className={styles["error"]}>
          {error.message}
          {error.suggestions.length > 0 && (
            <>
              {" Did you mean "}
              {error.suggestions.map((suggestion) => (
                <button
                  key={suggestion}
                  type="button"
                  onClick={() => ask(query.slice(0, error.start) + suggestion + query.slice(error.end))}
                >
                  {suggestion}
                </button>
              ))}
            </>
          )}
        </p>
      )}
    </div>
  );
}
