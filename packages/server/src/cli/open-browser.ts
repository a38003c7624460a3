import { spawn } from "node:child_process";

/** Not in CI, and only for somebody who sits before a terminal. */
export function wantsBrowser(env: NodeJS.ProcessEnv): boolean {
  const isCi = (env["CI"] ?? "") !== "" && env["CI"] !== "false" && env["CI"] !== "0";
  const hasScreen = process.platform !== "linux" || (env["DISPLAY"] ?? env["WAYLAND_DISPLAY"] ?? "") !== "";
  return !isCi && process.stdout.isTTY && hasScreen;
}

/** The address is in the terminal anyway: that no browser opens is no failure. */
export function openBrowser(url: string): void {
  const [program, args] = openerOf(url);
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}

function openerOf(url: string): [program: string, args: string[]] {
  if (process.platform === "darwin") return ["open", [url]];
  // The empty text is the window's title; without it `start` takes the address for one.
  if (process.platform === "win32") return ["cmd", ["/c", "start", '""', url.replaceAll("&", "^&")]];
  return ["xdg-open", [url]];
}
