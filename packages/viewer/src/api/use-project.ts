import { createContext, use } from "react";
import { DEFAULT_PROJECT } from "../routes.ts";

export const ProjectContext = createContext(DEFAULT_PROJECT);

/** The project whose pages are shown: every read of the API is about it. */
export function useProject(): string {
  return use(ProjectContext);
}
