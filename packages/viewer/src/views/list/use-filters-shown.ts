import { useState } from "react";
import { readStored, writeStored } from "../../ui/storage.ts";
import { useMedia } from "../../ui/use-size.ts";

/** From here there is room for facets beside the table. */
const ROOMY = "(min-width: 1200px)";

export interface FiltersShown {
  isShown: boolean;
  toggle: () => void;
}

export function useFiltersShown(): FiltersShown {
  const isRoomy = useMedia(ROOMY);
  const [isWanted, setIsWanted] = useState(() => readStored("filters") !== "hidden");
  // Where they would push the table out, they show only when asked for on this page.
  const [isForced, setIsForced] = useState(false);
  const isShown = isRoomy ? isWanted : isForced;
  return {
    isShown,
    toggle: () => {
      if (!isRoomy) {
        setIsForced(!isForced);
        return;
      }
      setIsWanted(!isWanted);
      writeStored("filters", isWanted ? "hidden" : null);
    },
  };
}
