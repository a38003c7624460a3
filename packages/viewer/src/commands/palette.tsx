import { useId, useState } from "react";
import { useLocation } from "wouter";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { type PaletteItem, paletteItems } from "./palette-items.ts";
import { useCommandRegistry } from "./use-commands.ts";
import styles from "./palette.module.css";

/** Pages, what can be done here, any trace by its id, and the search: one field for all. */
export function Palette({ project, onClose }: { project: string; onClose: () => void }) {
  const registry = useCommandRegistry();
  const [groups] = useState(() => registry.groups());
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const [, navigate] = useLocation();
  const id = useId();
  const items = paletteItems(project, groups, typed);
  const at = Math.min(active, items.length - 1);

  const choose = (item: PaletteItem | undefined): void => {
    if (item === undefined) return;
    onClose();
    if (item.action.kind === "open") navigate(item.action.href);
    else item.action.run();
  };
  const step = (by: number): void => {
    const next = (at + by + items.length) % Math.max(1, items.length);
    setActive(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <Dialog label="Search and commands" className={styles["palette"]} onClose={onClose}>
      <label className={styles["field"]}>
        <Icon name="search" />
        <span className="sr-only">Search, or type a command</span>
        <input
          // The palette was opened to type into it.
          autoFocus
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={items.length === 0 ? undefined : `${id}-${at}`}
          aria-autocomplete="list"
          spellCheck={false}
          placeholder="Search traces, open an id, run a command"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") step(1);
            else if (event.key === "ArrowUp") step(-1);
            else if (event.key === "Enter") choose(items[at]);
            else return;
            event.preventDefault();
          }}
        />
      </label>
      <div id={`${id}-list`} role="listbox" aria-label="Results" className={styles["list"]}>
        {items.map((item, index) => (
          <div
            key={item.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={styles["item"]}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(item)}
          >
            <span className={styles["label"]}>{item.label}</span>
            <span className={styles["group"]}>{item.group}</span>
            <span className={styles["keys"]}>
              {item.keys.map((key, place) => (
                // A sequence may hold one key twice.
                // oxlint-disable-next-line react/no-array-index-key
                <kbd key={place}>{key}</kbd>
              ))}
            </span>
          </div>
        ))}
      </div>
      {items.length === 0 && <p className={styles["none"]}>Nothing has this name.</p>}
    </Dialog>
  );
}
