import { useState } from "react";
import buttons from "../ui/button.module.css";
import { Dialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icons.tsx";
import { keyNames } from "./key-names.ts";
import { useCommandRegistry } from "./use-commands.ts";
import styles from "./help-overlay.module.css";

/** The keys that work on the page that is open, as its parts declare them. */
export function HelpOverlay({ onClose }: { onClose: () => void }) {
  const registry = useCommandRegistry();
  const [groups] = useState(() => registry.groups());
  return (
    <Dialog labelledBy="help-title" className={styles["wide"]} onClose={onClose}>
      <div className={styles["head"]}>
        <h2 id="help-title">Keyboard shortcuts</h2>
        <button type="button" className={buttons["icon"]} aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className={styles["groups"]}>
        {groups.map(({ title, commands }) => {
          const lines = commands.filter((command) => keyNames(command).length > 0);
          return (
            lines.length > 0 && (
              <section key={title}>
                <h3>{title}</h3>
                <dl>
                  {lines.map((command) => (
                    <div key={command.id} className={styles["line"]}>
                      <dt>{command.label}</dt>
                      <dd>
                        {keyNames(command).map((key, index) => (
                          // A sequence may hold one key twice.
                          // oxlint-disable-next-line react/no-array-index-key
                          <kbd key={index}>{key}</kbd>
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            )
          );
        })}
      </div>
    </Dialog>
  );
}
