import { useState } from "react";
import { useMedia } from "../api/use-media.ts";
import { mediaFileName, mediaKind, type MediaReference } from "../model/media.ts";
import styles from "./attachment.module.css";
import { Icon } from "./icons.tsx";

interface AttachmentProps {
  reference: MediaReference;
  /** A file's name, or a word for what it is. */
  label: string;
}

/** What was taken out of a payload, shown: an image, a player, or a link to save it. Its box has one size, whatever comes. */
export function Attachment({ reference, label }: AttachmentProps) {
  const { url, state } = useMedia(reference);
  const [isUnreadable, setIsUnreadable] = useState(false);
  const { contentType } = reference;
  const kind = mediaKind(contentType);
  if (kind === "file" || isUnreadable) {
    if (state === "missing") return <NotReceived reference={reference} />;
    return <SaveLink reference={reference} label={label} url={url} />;
  }
  if (kind === "audio") {
    if (state === "missing") return <NotReceived reference={reference} />;
    return (
      <div className={styles["audio"]} aria-busy={state === "looking"}>
        {state === "here" && (
          <audio
            controls
            preload="metadata"
            src={url}
            aria-label={describe(label, contentType)}
            onError={() => setIsUnreadable(true)}
          />
        )}
      </div>
    );
  }
  return (
    <div className={styles["frame"]} aria-busy={state === "looking"}>
      {state === "missing" && <NotReceived reference={reference} />}
      {state === "here" && (
        <a href={url} target="_blank" rel="noopener noreferrer" title="Open the full image in a new tab">
          <img
            src={url}
            alt={describe(label, contentType)}
            loading="lazy"
            decoding="async"
            onError={() => setIsUnreadable(true)}
          />
        </a>
      )}
    </div>
  );
}

/** The same on a line of text: its type, linked. */
export function AttachmentChip({ reference }: { reference: MediaReference }) {
  const { url, state } = useMedia(reference);
  const { id, contentType } = reference;
  if (state === "missing") {
    return (
      <span className={styles["chip"]} data-missing title={`${contentType}, id ${id}: not received`}>
        {contentType}, not received
      </span>
    );
  }
  const opens = mediaKind(contentType) === "file" ? { download: mediaFileName(reference) } : { target: "_blank" };
  return (
    <a className={styles["chip"]} href={url} rel="noopener noreferrer" title={`Attachment ${id}`} {...opens}>
      <Icon name="link" size={11} />
      {contentType}
    </a>
  );
}

function SaveLink({ reference, label, url }: AttachmentProps & { url: string }) {
  const { contentType } = reference;
  return (
    <div className={styles["line"]}>
      <a className={styles["chip"]} href={url} download={mediaFileName(reference)}>
        <Icon name="save" size={11} />
        Save {isName(label) ? describe(label, contentType) : contentType}
      </a>
    </div>
  );
}

function NotReceived({ reference: { id, contentType } }: { reference: MediaReference }) {
  return (
    <p className={styles["missing"]}>
      <span>{contentType}: not received</span>
      <code>{id}</code>
    </p>
  );
}

function describe(label: string, contentType: string): string {
  return isName(label) ? `${label} (${contentType})` : `Attached ${contentType}`;
}

/** Where no file name was recorded, the label is the type or the kind of the part. */
function isName(label: string): boolean {
  return !label.includes("/") && !["image", "audio", "file"].includes(label);
}
