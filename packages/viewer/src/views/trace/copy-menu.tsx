import { useState } from "react";
import { BASE } from "../../base.ts";
import { observationApiPath } from "../../api/client.ts";
import { readError } from "../../api/http.ts";
import type { LoadedObservation } from "../../api/use-trace.ts";
import type { TraceDetail } from "../../api/types.ts";
import { curlCommand, observationMarkdown } from "../../model/export.ts";
import { tracePath } from "../../routes.ts";
import { copyText } from "../../ui/copy-button.tsx";
import { Choice, Popover } from "../../ui/popover.tsx";

interface CopyMenuProps {
  trace: TraceDetail["trace"];
  observationId: string;
  /** `undefined` while it is read. */
  loaded: LoadedObservation | undefined;
}

/** The observation's address in the viewer, as others can open it. */
export function observationUrl(trace: TraceDetail["trace"], id: string): string {
  return new URL(BASE + tracePath(trace.projectId, trace.traceId, id), window.location.href).href;
}

async function readText(path: string): Promise<string> {
  const response = await fetch(path);
  if (!response.ok) throw await readError(response);
  return response.text();
}

/** The observation as text for somebody else: a person, an agent, a shell. */
export function CopyMenu({ trace, observationId, loaded }: CopyMenuProps) {
  const [done, setDone] = useState("");
  const copy = (what: string, text: string, close: () => void): void => {
    void copyText(text).then((isCopied) => setDone(isCopied ? `${what} copied` : "The browser does not allow copying"));
    close();
  };
  const url = observationUrl(trace, observationId);
  const api = BASE + observationApiPath(trace.projectId, trace.traceId, observationId);
  return (
    <>
      <Popover label="Copy" icon="copy" isIconOnly title="Copy as …" align="end">
        {(close) => (
          <>
            <Choice label="Id" detail="y" onChoose={() => copy("Id", observationId, close)} />
            <Choice label="Link" onChoose={() => copy("Link", url, close)} />
            {loaded !== undefined && (
              <Choice
                label="Markdown"
                detail="Y"
                onChoose={() => copy("Markdown", observationMarkdown(loaded.detail, trace, url), close)}
              />
            )}
            <Choice
              label="JSON"
              onChoose={() => {
                // As the server has it, in whole: what is shown may be cut.
                void readText(api).then(
                  (text) => copy("JSON", text, close),
                  () => setDone("It cannot be read now"),
                );
              }}
            />
            <Choice
              label="curl"
              onChoose={() => copy("Command", curlCommand(new URL(api, window.location.href).href), close)}
            />
          </>
        )}
      </Popover>
      <span className="sr-only" role="status">
        {done}
      </span>
    </>
  );
}
