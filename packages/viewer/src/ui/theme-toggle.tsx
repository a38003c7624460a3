import styles from "./button.module.css";
import { Icon, type IconName } from "./icons.tsx";
import { type Theme, useTheme } from "./use-theme.ts";

const ICON: Record<Theme, IconName> = { system: "system", light: "sun", dark: "moon" };

export function ThemeToggle() {
  const { theme, next, change } = useTheme();
  return (
    <button
      type="button"
      className={styles["icon"]}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change to ${next}`}
      onClick={change}
    >
      <Icon name={ICON[theme]} />
    </button>
  );
}
