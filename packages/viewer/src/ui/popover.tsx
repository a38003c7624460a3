import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import buttons from "./button.module.css";
import { Icon, type IconName } from "./icons.tsx";
import styles from "./popover.module.css";

interface PopoverProps {
  /** The button's text; for an icon alone, its name. */
  label: string;
  icon?: IconName;
  isIconOnly?: boolean;
  title?: string;
  /** Which edge of the button the panel keeps to. */
  align?: "start" | "end";
  className?: string | undefined;
  children: (close: () => void) => ReactNode;
}

/** A button that opens a small panel below it. Escape, a click outside and leaving it by Tab close; the focus goes back. */
export function Popover(props: PopoverProps) {
  const { label, icon, isIconOnly = false, title, align = "start", className, children } = props;
  const [isOpen, setIsOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = (): void => {
    setIsOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!isOpen) return undefined;
    root.current?.querySelector<HTMLElement>("[data-panel] :is(button, input, a, select)")?.focus();
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setIsOpen(false);
    };
    document.addEventListener("pointerdown", onPointerDown);
    return () => document.removeEventListener("pointerdown", onPointerDown);
  }, [isOpen]);
  return (
    <div
      ref={root}
      className={`${styles["root"]} ${className ?? ""}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        if (isOpen && event.relatedTarget instanceof Node && !event.currentTarget.contains(event.relatedTarget)) {
          setIsOpen(false);
        }
      }}
    >
      <button
        ref={button}
        type="button"
        className={buttons[isIconOnly ? "icon" : "text"]}
        title={title}
        aria-label={isIconOnly ? label : undefined}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-haspopup="true"
        onClick={() => setIsOpen(!isOpen)}
      >
        {icon !== undefined && <Icon name={icon} size={14} />}
        {!isIconOnly && <span>{label}</span>}
      </button>
      {isOpen && (
        <div id={id} data-panel data-align={align} className={styles["panel"]}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  detail?: string;
  isChosen?: boolean;
  onChoose: () => void;
}

/** A line of a popover that does something and closes it. */
export function Choice({ label, detail, isChosen = false, onChoose }: ChoiceProps) {
  return (
    <button type="button" className={styles["choice"]} aria-pressed={isChosen} onClick={onChoose}>
      <span>{label}</span>
      {detail !== undefined && <small>{detail}</small>}
      <span className={styles["check"]}>{isChosen && <Icon name="check" size={13} />}</span>
    </button>
  );
}
