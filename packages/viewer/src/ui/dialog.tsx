import { type ReactNode, useEffect, useRef } from "react";
import styles from "./dialog.module.css";

interface DialogProps {
  /** Id of the heading inside. */
  labelledBy?: string;
  label?: string;
  className?: string | undefined;
  onClose: () => void;
  children: ReactNode;
}

/** A modal: the browser keeps the focus inside and gives it back, Escape and a click beside it close. */
export function Dialog({ labelledBy, label, className, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog
      ref={ref}
      className={`${styles["dialog"]} ${className ?? ""}`}
      aria-labelledby={labelledBy}
      aria-label={label}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        // A click on the backdrop has the dialog itself as its target.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
