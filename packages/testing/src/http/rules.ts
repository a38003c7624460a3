/** What scripted rules of both servers have in common. */
export interface RuleBase<Request> {
  /** Left out, the rule fits every request. */
  match?: ((request: Request) => boolean) | undefined;
  /** How many requests the rule serves before it is used up. Default 1; `Infinity` for always. */
  times?: number | undefined;
}

/** Rules in order; a request takes the first one that fits and is not used up. */
export class RuleScript<Request, Rule extends RuleBase<Request>> {
  #rules: { rule: Rule; left: number }[] = [];

  /** Replaces what is left of an earlier script. */
  set(rules: readonly Rule[]): void {
    this.#rules = rules.map((rule) => ({ rule, left: rule.times ?? 1 }));
  }

  /** `only` narrows the choice further; the first fitting rule is taken only if it also holds there. */
  take(request: Request, only?: (rule: Rule) => boolean): Rule | undefined {
    const entry = this.#rules.find(({ rule, left }) => left > 0 && (rule.match === undefined || rule.match(request)));
    if (entry === undefined || only?.(entry.rule) === false) return undefined;
    entry.left -= 1;
    return entry.rule;
  }

  /** Requests the script still expects; 0 when all rules are used up. */
  get remaining(): number {
    return this.#rules.reduce((sum, { left }) => sum + left, 0);
  }
}
