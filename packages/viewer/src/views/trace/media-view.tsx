import { useState } from "react";
import type { MediaPart } from "../../model/chat.ts";
import { formatBytes } from "../../model/format.ts";
import buttons from "../../ui/button.module.css";
import styles from "./chat-view.module.css";

/** Recorded media. What is in the payload is shown; what lies elsewhere only after a click, as loading it tells that one looked. */
export function MediaView({ part }: { part: MediaPart }) {
  const [isWanted, setIsWanted] = useState(false);
  const { url, media, label } = part;
  if (url === null) return <div className={styles["media"]}>{`[${media}: ${label}]`}</div>;
  const isInline = url.startsWith("data:");
  if (media === "image" && (isWanted || (isInline && /^data:image\/(png|jpeg|gif|webp|avif)/i.test(url)))) {
    return <img className={styles["image"]} src={url} alt={label} loading="lazy" referrerPolicy="no-referrer" />;
  }
  if (media === "audio" && isInline) return <audio controls preload="none" src={url} aria-label={label} />;
  return (
    <div className={styles["media"]}>
      <span>{isInline ? `[${media}: ${label}, ${formatBytes(url.length)}]` : `[${media}] ${url}`}</span>
      {media === "image" && !isInline && (
        <button type="button" className={buttons["text"]} onClick={() => setIsWanted(true)}>
          Load image
        </button>
      )}
    </div>
  );
}
