import { Component, type ReactNode } from "react";
import { Link } from "wouter";
import { ApiError, isAway, isUnknownProject } from "../api/http.ts";
import { DEFAULT_PROJECT, loginPath, tracesPath } from "../routes.ts";
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
  if (error instanceof ApiError && error.status === 401) return <LoginNotice level={level} />;
  if (isUnknownProject(error)) return <ProjectNotice level={level} message={error.message} />;
  return (
    <Notice
      title={isAway(error) ? "The Spanwise server does not answer" : `${what} cannot be read`}
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
        {isAway(error) && " It is tried again by itself every few seconds."}
      </p>
    </Notice>
  );
}

/** Instead of what a program is told: to send keys. */
function LoginNotice({ level }: { level: 1 | 2 | 3 }) {
  return (
    <Notice
      title="You are logged out"
      level={level}
      actions={
        <a className={buttons["text"]} href={loginPath(window.location.pathname + window.location.search)}>
          Log in
        </a>
      }
    >
      <p>The server was started anew, or the key was taken back. After logging in this page is open again.</p>
    </Notice>
  );
}

/** Instead of what was asked for: there is nothing at all, and nothing will come. */
function ProjectNotice({ level, message }: { level: 1 | 2 | 3; message: string }) {
  return (
    <Notice
      title="There is no such project"
      level={level}
      actions={
        <Link href={tracesPath(DEFAULT_PROJECT)} className={buttons["text"]}>
          Go to the default project
        </Link>
      }
    >
      <p>{message}</p>
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
