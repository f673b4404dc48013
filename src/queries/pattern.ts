/**
 * Patterns that take linear time: a small dialect of regular expressions, run as a set of states that all advance one
 * character together (Thompson, "Regular Expression Search Algorithm", CACM 1968; Cox, "Regular Expression Matching
 * Can Be Simple And Fast", 2007).
 *
 * A backtracking matcher, such as the host's own, can take exponential time over a pattern that a stranger chose. This
 * one looks at each character once for each of its states, so the bounds below bound the work. It knows literals, `.`,
 * classes, `^ $ \b \B \d \D \w \W \s \S`, groups, `|`, `* + ? {m,n}`, and no references or assertions beyond that.
 *
 * @module
 */

import { parsePattern, type PatternNode, refusedPattern, type Where } from "./pattern_syntax.ts";

/** The most states of one pattern, after counted repetitions are written out. */
export const PATTERN_STATES_MAX = 256;
/** The longest text that is looked at, in UTF-16 units: a longer one matches no pattern. */
export const PATTERN_TEXT_LENGTH_MAX = 16_384;

type State =
  | { readonly kind: "set"; readonly has: (code: number) => boolean }
  | { readonly kind: "assert"; readonly where: Where }
  | { readonly kind: "fork"; to: number; or: number }
  | { readonly kind: "match" };

/**
 * A test for texts that contain a match of the pattern.
 *
 * `flags` are any of `i` (letters of both cases are the same, one by one), `m` (`^` and `$` also at line breaks) and
 * `s` (`.` takes line breaks too).
 *
 * @throws {ArgumentError} `ERR_QUERY_PATTERN` if the pattern or a flag is none that is known here, or has too many states.
 */
export function compilePattern(source: string, flags: string): (text: string) => boolean {
  if (!/^(?!.*(.).*\1)[ims]*$/.test(flags)) throw refusedPattern("its flags must be of i, m and s");
  const states: State[] = [];
  const rules = { foldsCase: flags.includes("i"), hasDotAll: flags.includes("s") };
  emit(parsePattern(source, rules), states);
  states.push({ kind: "match" });
  const setting = { states, isMultiline: flags.includes("m") };
  return (text) => text.length <= PATTERN_TEXT_LENGTH_MAX && isFound(setting, text);
}

/** Appends a node's states; what follows it comes right after them. */
function emit(node: PatternNode, states: State[]): void {
  if (states.length >= PATTERN_STATES_MAX) {
    throw refusedPattern(`it must have ${PATTERN_STATES_MAX} states at most`);
  }
  switch (node.kind) {
    case "set":
    case "assert":
      states.push(node);
      return;
    case "sequence":
      for (const part of node.parts) emit(part, states);
      return;
    case "choice":
      return emitChoice(node.choices, states);
    case "repeat":
      return emitRepeat(node, states);
  }
}

function emitChoice(choices: readonly PatternNode[], states: State[]): void {
  const exits: (State & { kind: "fork" })[] = [];
  choices.forEach((choice, i) => {
    if (i === choices.length - 1) return emit(choice, states);
    const fork = pushFork(states);
    emit(choice, states);
    exits.push(pushFork(states));
    fork.or = states.length;
  });
  for (const exit of exits) exit.to = exit.or = states.length;
}

function emitRepeat(
  { node, min, max }: PatternNode & { kind: "repeat" },
  states: State[],
): void {
  for (let i = 0; i < min; i++) emit(node, states);
  if (max === Infinity) {
    const start = states.length;
    const fork = pushFork(states);
    emit(node, states);
    const back = pushFork(states);
    back.to = back.or = start;
    fork.or = states.length;
    return;
  }
  const forks: (State & { kind: "fork" })[] = [];
  for (let i = min; i < max; i++) {
    forks.push(pushFork(states));
    emit(node, states);
  }
  for (const fork of forks) fork.or = states.length;
}

/** A state that goes on in two places: right after it, and at another that is set later. */
function pushFork(states: State[]): State & { kind: "fork" } {
  const next = states.length + 1;
  const fork: State & { kind: "fork" } = { kind: "fork", to: next, or: next };
  states.push(fork);
  return fork;
}

interface Setting {
  readonly states: readonly State[];
  readonly isMultiline: boolean;
}

function isFound(setting: Setting, text: string): boolean {
  const { states } = setting;
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const seen = new Int32Array(states.length).fill(-1);
  let alive: number[] = [];
  for (let at = 0; at <= codes.length; at++) {
    // A match may begin anywhere, so the first state lives again before each character.
    if (enter(setting, 0, { codes, at, seen, alive })) return true;
    const code = codes[at];
    if (code === undefined) return false;
    const next: number[] = [];
    const step = { codes, at: at + 1, seen, alive: next };
    for (const index of alive) {
      const state = states[index];
      if (state?.kind !== "set" || !state.has(code)) continue;
      if (enter(setting, index + 1, step)) return true;
    }
    alive = next;
  }
  return false;
}

interface Step {
  readonly codes: readonly number[];
  readonly at: number;
  /** For each state, the place in the text at which it was entered last. */
  readonly seen: Int32Array;
  /** The states that wait for a character at this place. */
  readonly alive: number[];
}

/** Enters a state and all that need no character to be reached from it; whether a match is among them. */
function enter({ states, isMultiline }: Setting, first: number, step: Step): boolean {
  const open = [first];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const state = states[index];
    if (state === undefined || step.seen[index] === step.at) continue;
    step.seen[index] = step.at;
    if (state.kind === "match") return true;
    if (state.kind === "set") step.alive.push(index);
    else if (state.kind === "fork") open.push(state.or, state.to);
    else if (holds(state.where, step, isMultiline)) open.push(index + 1);
  }
  return false;
}

function holds(where: Where, { codes, at }: Step, isMultiline: boolean): boolean {
  const [before, after] = [codes[at - 1], codes[at]];
  switch (where) {
    case "start":
      return before === undefined || (isMultiline && isLineBreak(before));
    case "end":
      return after === undefined || (isMultiline && isLineBreak(after));
    case "edge":
      return isWord(before) !== isWord(after);
    case "inside":
      return isWord(before) === isWord(after);
  }
}

function isLineBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x2028 || code === 0x2029;
}

function isWord(code: number | undefined): boolean {
  return code !== undefined && /\w/.test(String.fromCodePoint(code));
}
