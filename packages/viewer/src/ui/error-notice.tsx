import { Component, type ReactNode } from "react";
import { ApiError } from "../api/http.ts";
import buttons from "./button.module.css";
import { Notice } from "./notice.tsx";

interface ErrorNoticeProps {
  error: Error;
  /** What could not be shown: "The traces". */
  what: string;
  level?: 1 | 2 | 3;
  onRetry?: () => void;
}

/** Why something is not there, in words, and a way to try again. */
export function ErrorNotice({ error, what, level = 1, onRetry }: ErrorNoticeProps) {
  const isAway = error instanceof ApiError && error.status === 0;
  return (
    <Notice
      title={isAway ? "The Spanwise server does not answer" : `${what} cannot be read`}
      level={level}
      actions={
        onRetry !== undefined && (
          <button type="button" className={buttons["text"]} onClick={onRetry}>
            Try again
          </button>
        )
      }
    >
      <p>
        {error.message}
        {isAway && " It is tried again by itself every few seconds."}
      </p>
    </Notice>
  );
}

interface BoundaryProps {
  /** Another key starts anew: a page left and another one opened. */
  resetKey: string;
  children: ReactNode;
}

/** A fault of ours, or a part of the viewer that cannot be loaded, takes one page and not the shell with it. */
export class PageBoundary extends Component<BoundaryProps, { error: Error | null; key: string }> {
  override state = { error: null as Error | null, key: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps(props: BoundaryProps, state: { key: string }) {
    return props.resetKey === state.key ? null : { error: null, key: props.resetKey };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Notice
        title="This page cannot be shown"
        actions={
          <button type="button" className={buttons["text"]} onClick={() => window.location.reload()}>
            Load it again
          </button>
        }
      >
        <p>{error.message}</p>
        <p>After an update of the server, loading the page again gets the viewer that belongs to it.</p>
      </Notice>
    );
  }
}
