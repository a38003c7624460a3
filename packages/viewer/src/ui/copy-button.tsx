import { useEffect, useState } from "react";
import styles from "./button.module.css";
import { Icon, type IconName } from "./icons.tsx";

const CONFIRM_MS = 1_400;

/** Resolves to whether it worked; on plain http the clipboard is only there on localhost. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  try {
    // Deprecated, and the only way where the page is not a secure context.
    // oxlint-disable-next-line typescript/no-deprecated
    return document.execCommand("copy");
  } finally {
    area.remove();
  }
}

interface CopyButtonProps {
  /** A function is only called on click: some texts are large. */
  text: string | (() => string | Promise<string>);
  label: string;
  icon?: IconName;
  /** With visible text instead of an icon alone. */
  children?: string;
}

export function CopyButton({ text, label, icon = "copy", children }: CopyButtonProps) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button
      type="button"
      className={`${styles[children === undefined ? "icon" : "text"]} ${done ? styles["done"] : ""}`}
      title={label}
      aria-label={children === undefined ? label : undefined}
      onClick={(event) => {
        event.stopPropagation();
        void Promise.resolve(typeof text === "function" ? text() : text)
          .then(copyText)
          .then(setDone);
      }}
    >
      <Icon name={done ? "check" : icon} size={14} />
      {children}
      <span className="sr-only" role="status">
        {done ? "Copied" : ""}
      </span>
    </button>
  );
}
