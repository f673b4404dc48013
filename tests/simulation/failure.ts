/**
 * What a simulation may find wrong.
 *
 * @module
 */

/** The rules that are checked after every event, and those of the end of a run. */
export type Rule =
  | "1 election safety"
  | "2 log matching"
  | "3 leader completeness"
  | "4 state machine safety"
  | "5 committed on a quorum"
  | "6 only own terms are counted"
  | "7 monotone"
  | "8 ordering"
  | "9 only what is durable is attested"
  | "10 leaders only append"
  | "11 one membership change at a time"
  | "12 store rules"
  | "13 bounds"
  | "14 fenced processes are silent"
  | "15 promises to clients"
  | "exactly once"
  | "linearizability"
  | "liveness"
  | "no error";

/** A broken rule. */
export class SimulationFailure extends Error {
  /** The class's name. */
  override readonly name = "SimulationFailure";
  /** Which rule is broken. */
  readonly rule: Rule;

  /** Makes a failure that says what broke the rule. */
  constructor(rule: Rule, detail: string, options?: ErrorOptions) {
    super(`${rule}: ${detail}`, options);
    this.rule = rule;
  }
}

/** Throws a {@linkcode SimulationFailure} unless the condition holds. The detail is only made when it does not. */
export function hold(condition: boolean, rule: Rule, detail: () => string): asserts condition {
  if (!condition) throw new SimulationFailure(rule, detail());
}
