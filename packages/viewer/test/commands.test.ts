import { describe, expect, it } from "vitest";
import { CommandRegistry } from "../src/commands/registry.ts";
import { paletteItems } from "../src/commands/palette-items.ts";

const noop = (): void => {};

describe("CommandRegistry", () => {
  it("asks the innermost first, and lets a disabled command's key go further out", () => {
    const registry = new CommandRegistry();
    registry.add(() => ({ title: "Page", commands: [{ id: "back", label: "Back", keys: ["Escape"], run: noop }] }));
    let isOpen = true;
    const remove = registry.add(() => ({
      title: "Panel",
      commands: [{ id: "close", label: "Close", keys: ["Escape"], isEnabled: isOpen, run: noop }],
    }));
    expect(registry.press("Escape", 0)?.id).toBe("close");
    isOpen = false;
    expect(registry.press("Escape", 0)?.id).toBe("back");
    isOpen = true;
    remove();
    expect(registry.press("Escape", 0)?.id).toBe("back");
  });

  it("takes two keys in a row as one, unless they are too far apart", () => {
    const registry = new CommandRegistry();
    registry.add(() => ({
      title: "All",
      commands: [
        { id: "go", label: "Go", keys: ["g t"], run: noop },
        { id: "tag", label: "Tag", keys: ["t"], run: noop },
      ],
    }));
    expect(registry.press("g", 0)).toBeUndefined();
    expect(registry.press("t", 500)?.id).toBe("go");
    registry.press("g", 10_000);
    expect(registry.press("t", 11_500)?.id).toBe("tag");
  });

  it("joins groups of one title for the help", () => {
    const registry = new CommandRegistry();
    for (const id of ["a", "b"]) registry.add(() => ({ title: "Trace", commands: [{ id, label: id }] }));
    expect(registry.groups()).toEqual([
      {
        title: "Trace",
        commands: [
          { id: "a", label: "a" },
          { id: "b", label: "b" },
        ],
      },
    ]);
  });
});

describe("paletteItems", () => {
  const groups = [
    {
      title: "Everywhere",
      commands: [
        { id: "settings", label: "Go to settings", keys: ["g ,"], run: noop },
        { id: "down", label: "Next row", isKeyOnly: true, run: noop },
        { id: "arrows", label: "Walk the tree", keyText: "↑ ↓" },
        { id: "off", label: "Go nowhere", isEnabled: false, run: noop },
      ],
    },
  ];

  it("offers what can be run now, by the beginnings of words", () => {
    expect(paletteItems("p", groups, "").map(({ label }) => label)).toEqual(["Go to settings"]);
    expect(paletteItems("p", groups, "g set")[0]).toMatchObject({ label: "Go to settings", keys: ["g", ","] });
  });

  it("opens a pasted trace id, and searches for anything else", () => {
    const id = "0123456789abcdef0123456789ABCDEF";
    expect(paletteItems("p", groups, ` trace ${id} `)[0]?.action).toEqual({
      kind: "open",
      href: `/p/p/traces/${id.toLowerCase()}`,
    });
    expect(paletteItems("p", groups, "late bike").at(-1)?.action).toEqual({
      kind: "open",
      href: "/p/p/traces?q=late+bike",
    });
  });
});
