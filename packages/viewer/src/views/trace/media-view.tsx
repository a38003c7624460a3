import type { MediaPart } from "../../model/chat.ts";
import { formatBytes } from "../../model/format.ts";
import { isSafeLink } from "../../model/markdown.ts";
import { Attachment } from "../../ui/attachment.tsx";
import buttons from "../../ui/button.module.css";
import styles from "./chat-view.module.css";

/** SVG is left out: shown as an image it is inert, but it is text that a model can write. */
const INLINE_IMAGE = /^data:image\/(png|jpeg|gif|webp|avif)[;,]/i;

/**
 * Recorded media. What is in the payload, or was taken out of it for our server to keep, is shown. What lies elsewhere is only linked: loading it would tell its host that one
 * looked, and the server's CSP forbids it, so a click opens it in a tab of its own.
 */
export function MediaView({ part }: { part: MediaPart }) {
  const { url, media, label, reference } = part;
  if (reference !== null) return <Attachment key={reference.id} reference={reference} label={label} />;
  if (url === null) return <div className={styles["media"]}>{`[${media}: ${label}]`}</div>;
  if (media === "image" && INLINE_IMAGE.test(url)) return <img className={styles["image"]} src={url} alt={label} />;
  if (media === "audio" && /^data:audio\//i.test(url)) {
    return <audio controls preload="none" src={url} aria-label={label} />;
  }
  if (!isSafeLink(url))
    return <div className={styles["media"]}>{`[${media}: ${label}, ${formatBytes(url.length)}]`}</div>;
  return (
    <div className={styles["media"]}>
      <span>{`[${media}] ${url}`}</span>
      <a className={buttons["text"]} href={url} target="_blank" rel="noopener noreferrer">
        Open {media}
      </a>
    </div>
  );
}
