import { useId, type ReactNode } from "react";
import styles from "./tabs.module.css";

export interface Tab<Id extends string> {
  id: Id;
  label: string;
  /** Shown behind the label when above 0. */
  count?: number;
}

interface TabsProps<Id extends string> {
  label: string;
  tabs: readonly Tab<Id>[];
  active: Id;
  onChange: (id: Id) => void;
  className?: string | undefined;
  panelClassName?: string | undefined;
  /** Another key starts a new panel, scrolled to its top. */
  panelKey?: string;
  children: ReactNode;
}

/** WAI-ARIA tabs: arrows move, only the active tab is in the tab order. */
export function Tabs<Id extends string>(props: TabsProps<Id>) {
  const { label, tabs, active, onChange, className, panelClassName, panelKey, children } = props;
  const base = useId();
  const step = (by: number): void => {
    const at = tabs.findIndex((tab) => tab.id === active);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next === undefined) return;
    onChange(next.id);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };
  return (
    <>
      <div
        role="tablist"
        aria-label={label}
        tabIndex={-1}
        className={`${styles["tabs"]} ${className ?? ""}`}
        onKeyDown={(event) => {
          if (event.key === "ArrowRight") step(1);
          else if (event.key === "ArrowLeft") step(-1);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`${base}-${tab.id}`}
            type="button"
            role="tab"
            aria-selected={tab.id === active}
            aria-controls={`${base}-panel`}
            tabIndex={tab.id === active ? 0 : -1}
            onClick={() => onChange(tab.id)}
          >
            {tab.label}
            {tab.count !== undefined && tab.count > 0 && <span className={styles["count"]}>{tab.count}</span>}
          </button>
        ))}
      </div>
      {/* Focusable, as it may scroll and hold nothing else that is. */}
      <div
        key={panelKey}
        id={`${base}-panel`}
        role="tabpanel"
        tabIndex={0}
        aria-labelledby={`${base}-${active}`}
        className={panelClassName}
      >
        {children}
      </div>
    </>
  );
}
