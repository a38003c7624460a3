import { useState } from "react";
import styles from "./button.module.css";
import { Icon, type IconName } from "./icons.tsx";
import { readStored, writeStored } from "./storage.ts";

type Theme = "system" | "light" | "dark";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICON: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };

/** System, light, dark in turn. `public/theme.js` reads the same key before the first paint. */
export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(() => {
    const stored = readStored("theme");
    return stored === "light" || stored === "dark" ? stored : "system";
  });
  const choose = (next: Theme): void => {
    setTheme(next);
    writeStored("theme", next === "system" ? null : next);
    if (next === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = next;
  };
  return (
    <button
      type="button"
      className={styles["icon"]}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change to ${NEXT[theme]}`}
      onClick={() => choose(NEXT[theme])}
    >
      <Icon name={ICON[theme]} />
    </button>
  );
}
