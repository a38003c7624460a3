import OpenAI, { AzureOpenAI } from "openai";
import { describe, expect, it } from "vitest";
import { runsOnView } from "../src/own-methods.ts";

const options = { apiKey: "k" };
type AnyFunction = (...args: never[]) => unknown;

class Mine extends OpenAI {
  #secret = 1;
  model = "m";
  arrow = (): unknown => this.chat;
  reads(): unknown {
    return [this.model, this?.chat, this["models"], `model ${this.model}`];
  }
  inside(): unknown {
    return [1].map(() => this.model);
  }
  privateField(): unknown {
    return [this.model, this.#secret];
  }
  whole(): unknown {
    return [this.model, new WeakSet().has(this)];
  }
  spread(): unknown {
    // oxlint-disable-next-line typescript/no-misused-spread -- `this` used as a value is the case
    return { ...this };
  }
  taken(): unknown {
    const { chat } = this;
    return chat;
  }
  inherited(): unknown {
    return [this.model, super.buildURL("/", {})];
  }
  evaluated(code: string): unknown {
    return [this.model, code, "eval"];
  }
  withoutThis(): number {
    return 1;
  }
}

function decide(client: object, key: string): boolean {
  return runsOnView(client, key, (client as Record<string, AnyFunction>)[key]!);
}

describe("a subclass's own method runs on the view", () => {
  it.each(["reads", "inside"])("where it only looks names up: %s", (key) => {
    expect(decide(new Mine(options), key)).toBe(true);
  });

  it.each(["privateField", "whole", "spread", "taken", "inherited", "evaluated", "withoutThis", "arrow"])(
    "not where its source shows more, or too little: %s",
    (key) => {
      expect(decide(new Mine(options), key)).toBe(false);
    },
  );

  it("not where the class is openai's own, or the method was put on the object", () => {
    for (const key of ["get", "post", "buildURL", "withOptions"]) {
      expect(decide(new OpenAI(options), key)).toBe(false);
      expect(decide(new Mine(options), key)).toBe(false);
    }
    const azure = new AzureOpenAI({ ...options, endpoint: "http://localhost", apiVersion: "1" });
    expect(decide(azure, "buildRequest")).toBe(false);
    const own = Object.assign(new Mine(options), {
      reads(this: Mine) {
        return this.model;
      },
    });
    expect(decide(own, "reads")).toBe(false);
    expect(decide({ ask: () => 1 }, "ask")).toBe(false);
  });

  it("not where the source cannot be seen", () => {
    class Bound extends OpenAI {}
    const bound = function (this: OpenAI): unknown {
      return this.chat;
    }.bind(new OpenAI(options));
    Object.defineProperty(Bound.prototype, "ask", { value: bound });
    expect(decide(new Bound(options), "ask")).toBe(false);
  });
});
