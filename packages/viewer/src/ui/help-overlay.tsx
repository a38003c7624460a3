import { useEffect, useRef } from "react";
import buttons from "./button.module.css";
import styles from "./help-overlay.module.css";
import { Icon } from "./icons.tsx";

const GROUPS: { title: string; keys: [string, string][] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["g t", "Go to traces"],
      ["/", "Filter or find"],
      ["?", "This help"],
      ["Esc", "Close the innermost thing"],
    ],
  },
  {
    title: "Trace list",
    keys: [
      ["j k", "Next, previous trace"],
      ["Enter", "Open"],
      ["n", "Show new traces"],
    ],
  },
  {
    title: "Trace tree",
    keys: [
      ["↑ ↓", "Previous, next row"],
      ["→", "Expand, then first child"],
      ["←", "Collapse, then parent"],
      ["Home End", "First, last row"],
      ["e E", "Next, previous error"],
      ["y", "Copy the observation's id"],
      ["[ ]", "Previous, next tab"],
    ],
  },
];

export function HelpOverlay({ onClose }: { onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog
      ref={ref}
      className={styles["dialog"]}
      aria-labelledby="help-title"
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        // A click on the backdrop has the dialog itself as its target.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className={styles["head"]}>
        <h2 id="help-title">Keyboard shortcuts</h2>
        <button type="button" className={buttons["icon"]} aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className={styles["groups"]}>
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([keys, what]) => (
                <div key={keys} className={styles["line"]}>
                  <dt>{what}</dt>
                  <dd>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
