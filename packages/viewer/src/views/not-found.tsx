import { Link } from "wouter";
import { DEFAULT_PROJECT, tracesPath } from "../routes.ts";
import buttons from "../ui/button.module.css";
import { Notice } from "../ui/notice.tsx";

export function NotFound() {
  return (
    <Notice
      title="There is no such page"
      actions={
        <Link href={tracesPath(DEFAULT_PROJECT)} className={buttons["text"]}>
          Go to traces
        </Link>
      }
    >
      <p>The address may be from a newer version of Spanwise.</p>
    </Notice>
  );
}
