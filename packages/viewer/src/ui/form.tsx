import type { FormEvent, ReactNode } from "react";
import buttons from "./button.module.css";
import { Dialog } from "./dialog.tsx";
import styles from "./form.module.css";

export function Field({ label, hint, children }: { label: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <label className={styles["field"]}>
      <span>{label}</span>
      {children}
      {hint !== undefined && <span className={styles["hint"]}>{hint}</span>}
    </label>
  );
}

interface FormDialogProps {
  title: string;
  submit: string;
  isPending: boolean;
  isIncomplete?: boolean;
  error: Error | string | null;
  className?: string | undefined;
  /** Left of the buttons: what deletes. */
  aside?: ReactNode;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog that asks for something: fields, what went wrong, cancel and go. */
export function FormDialog(props: FormDialogProps) {
  const {
    title,
    submit,
    isPending,
    isIncomplete = false,
    error,
    className,
    aside,
    onSubmit,
    onClose,
    children,
  } = props;
  return (
    <Dialog label={title} className={className} onClose={onClose}>
      <form
        className={styles["form"]}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          if (!isPending && !isIncomplete) onSubmit();
        }}
      >
        <h2>{title}</h2>
        {children}
        <FormError error={error} />
        <div className={styles["buttons"]}>
          {aside !== undefined && <div data-side>{aside}</div>}
          <button type="button" className={buttons["text"]} onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={buttons["primary"]} disabled={isPending || isIncomplete}>
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function FormError({ error }: { error: Error | string | null }) {
  if (error === null) return null;
  return (
    <p role="alert" className={styles["error"]}>
      {typeof error === "string" ? error : error.message}
    </p>
  );
}
