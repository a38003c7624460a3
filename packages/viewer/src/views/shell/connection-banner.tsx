import { useSyncExternalStore } from "react";
import { connection } from "../../api/connection.ts";
import { loginPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import styles from "./connection-banner.module.css";

/** Over the page, which stays as it was: nothing moves, and what one reads is still there. */
export function ConnectionBanner() {
  const state = useSyncExternalStore(connection.subscribe, connection.get);
  return (
    <div className={styles["place"]} role="status">
      {state === "away" && (
        <p className={styles["banner"]}>
          <b>The server does not answer.</b>
          <span>What is shown may be old. It is asked again every few seconds.</span>
        </p>
      )}
      {state === "loggedOut" && (
        <p className={styles["banner"]}>
          <b>You are logged out.</b>
          <span>The server was started anew, or the key was taken back.</span>
          <button
            type="button"
            className={buttons["text"]}
            onClick={() => window.location.assign(loginPath(window.location.pathname + window.location.search))}
          >
            Log in
          </button>
        </p>
      )}
    </div>
  );
}
