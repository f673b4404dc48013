/**
 * The syntax of patterns: from a source to a tree.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";

/** A place that a pattern asks for without taking a character. */
export type Where = "start" | "end" | "edge" | "inside";

/** A part of a pattern. */
export type PatternNode =
  /** Takes one character. */
  | { readonly kind: "set"; readonly has: (code: number) => boolean }
  /** Takes none, and must be at such a place. */
  | { readonly kind: "assert"; readonly where: Where }
  /** One after the other. */
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  /** Any one of them. */
  | { readonly kind: "choice"; readonly choices: readonly PatternNode[] }
  /** The same again, from `min` to `max` times. */
  | {
    readonly kind: "repeat";
    readonly node: PatternNode;
    readonly min: number;
    readonly max: number;
  };

/** The longest pattern, in UTF-16 units. */
export const PATTERN_LENGTH_MAX = 256;
/** How deep groups may nest. */
const DEPTH_MAX = 16;

/** What flags say of a pattern. */
export interface PatternRules {
  /** Whether letters of both cases are the same. */
  readonly foldsCase: boolean;
  /** Whether `.` takes line breaks too. */
  readonly hasDotAll: boolean;
}

interface Source extends PatternRules {
  readonly characters: readonly string[];
  at: number;
  depth: number;
}

type Has = (code: number) => boolean;

const SHORTHANDS: Readonly<Record<string, RegExp>> = { d: /\d/, w: /\w/, s: /\s/ };
const CONTROLS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v" };
const WHERES: Readonly<Record<string, Where>> = { "^": "start", $: "end" };

/**
 * The tree of a pattern.
 *
 * @throws {ArgumentError} `ERR_QUERY_PATTERN` if it is too long, or has what is not known here.
 */
export function parsePattern(text: string, rules: PatternRules): PatternNode {
  if (text.length > PATTERN_LENGTH_MAX) {
    throw refusedPattern(`it must have ${PATTERN_LENGTH_MAX} characters at most`);
  }
  const source: Source = { ...rules, characters: [...text], at: 0, depth: 0 };
  const node = choice(source);
  if (source.at < source.characters.length) throw refusedPattern("its brackets must pair");
  return node;
}

/** The error for a pattern that breaks a rule. It never quotes the pattern. */
export function refusedPattern(rule: string): ArgumentError {
  return new ArgumentError("ERR_QUERY_PATTERN", `Cannot use a query's pattern as ${rule}`);
}

function choice(source: Source): PatternNode {
  if (++source.depth > DEPTH_MAX) {
    throw refusedPattern(`its groups must nest ${DEPTH_MAX} deep at most`);
  }
  const choices = [sequence(source)];
  while (accepts(source, "|")) choices.push(sequence(source));
  source.depth--;
  const [only] = choices;
  return choices.length === 1 && only !== undefined ? only : { kind: "choice", choices };
}

function sequence(source: Source): PatternNode {
  const parts: PatternNode[] = [];
  for (let next = peek(source); next !== undefined && next !== "|" && next !== ")";) {
    parts.push(repeated(source, atom(source)));
    next = peek(source);
  }
  return { kind: "sequence", parts };
}

function atom(source: Source): PatternNode {
  const character = take(source);
  switch (character) {
    case "(":
      return group(source);
    case "[":
      return { kind: "set", has: classOf(source) };
    case ".":
      return { kind: "set", has: source.hasDotAll ? () => true : (code) => !isBreak(code) };
    case "^":
    case "$":
      return { kind: "assert", where: WHERES[character] ?? "start" };
    case "\\":
      return escaped(source);
    case "*":
    case "+":
    case "?":
    case "{":
      throw refusedPattern("what is repeated must come before its count");
    default:
      return { kind: "set", has: inBothCases(source, same(character)) };
  }
}

function group(source: Source): PatternNode {
  if (accepts(source, "?") && !accepts(source, ":")) {
    throw refusedPattern("groups must be plain or begin with ?:");
  }
  const inner = choice(source);
  if (!accepts(source, ")")) throw refusedPattern("its brackets must pair");
  return inner;
}

function repeated(source: Source, node: PatternNode): PatternNode {
  const count = countOf(source);
  if (count === undefined) return node;
  const { min, max } = count;
  if (node.kind === "assert") throw refusedPattern("a place must not be repeated");
  if (min > max) throw refusedPattern("a count's bounds must be in order");
  // Whether as much or as little as possible is taken makes no difference to whether there is a match.
  accepts(source, "?");
  if (countOf(source) !== undefined) throw refusedPattern("what is repeated must come before it");
  return { kind: "repeat", node, min, max };
}

function countOf(source: Source): { readonly min: number; readonly max: number } | undefined {
  if (accepts(source, "*")) return { min: 0, max: Infinity };
  if (accepts(source, "+")) return { min: 1, max: Infinity };
  if (accepts(source, "?")) return { min: 0, max: 1 };
  if (peek(source) !== "{") return undefined;
  const rest = source.characters.slice(source.at, source.at + 16).join("");
  const found = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(rest);
  if (found === null) throw refusedPattern("a brace must begin a count or be escaped");
  source.at += found[0].length;
  const min = Number(found[1]);
  if (found[2] === undefined) return { min, max: min };
  return { min, max: found[3] === undefined ? Infinity : Number(found[3]) };
}

function escaped(source: Source): PatternNode {
  const character = peek(source);
  if (character === "b" || character === "B") {
    source.at++;
    return { kind: "assert", where: character === "b" ? "edge" : "inside" };
  }
  return { kind: "set", has: inBothCases(source, escape(source).has) };
}

/** An escaped character or shorthand; `code` where it is one character. */
function escape(source: Source): { readonly has: Has; readonly code?: number } {
  const character = take(source);
  const shorthand = SHORTHANDS[character.toLowerCase()];
  if (shorthand !== undefined) {
    const isNegated = character !== character.toLowerCase();
    return { has: (code) => shorthand.test(String.fromCodePoint(code)) !== isNegated };
  }
  const control = CONTROLS[character];
  if (control !== undefined) return one(control);
  if (character === "x") return one(hexadecimal(source, 2));
  if (character === "u") return one(hexadecimal(source, 4));
  if (/[a-z0-9]/i.test(character)) {
    throw refusedPattern("an escaped letter or digit must have a meaning");
  }
  return one(character);
}

function hexadecimal(source: Source, digits: number): string {
  const text = source.characters.slice(source.at, source.at + digits).join("");
  if (text.length !== digits || !/^[0-9a-f]+$/i.test(text)) {
    throw refusedPattern(`an escape must have ${digits} hexadecimal digits`);
  }
  source.at += digits;
  return String.fromCharCode(parseInt(text, 16));
}

function classOf(source: Source): Has {
  const isNegated = accepts(source, "^");
  const members: Has[] = [];
  while (!accepts(source, "]")) {
    const from = classMember(source);
    const isRange = peek(source) === "-" && source.characters[source.at + 1] !== "]";
    if (!isRange || from.code === undefined) {
      members.push(from.has);
      continue;
    }
    source.at++;
    const [first, { code: last }] = [from.code, classMember(source)];
    if (last === undefined || last < first) {
      throw refusedPattern("a range of characters must have its ends in order");
    }
    members.push((code) => code >= first && code <= last);
  }
  const has = inBothCases(source, (code) => members.some((member) => member(code)));
  return (code) => has(code) !== isNegated;
}

/** Where cases are the same, a character counts as its other case too, if that is one character. */
function inBothCases({ foldsCase }: Source, has: Has): Has {
  if (!foldsCase) return has;
  return (code) => {
    if (has(code)) return true;
    const text = String.fromCodePoint(code);
    return [text.toLowerCase(), text.toUpperCase()].some((other) => {
      const [first, ...more] = other;
      return first !== undefined && more.length === 0 && has(first.codePointAt(0) ?? 0);
    });
  };
}

function classMember(source: Source): { readonly has: Has; readonly code?: number } {
  const character = take(source);
  return character === "\\" ? escape(source) : one(character);
}

function one(character: string): { readonly has: Has; readonly code: number } {
  return { has: same(character), code: character.codePointAt(0) ?? 0 };
}

function same(character: string): Has {
  const wanted = character.codePointAt(0);
  return (code) => code === wanted;
}

function isBreak(code: number): boolean {
  return code === 10 || code === 13 || code === 0x2028 || code === 0x2029;
}

function peek(source: Source): string | undefined {
  return source.characters[source.at];
}

function take(source: Source): string {
  const character = source.characters[source.at++];
  if (character === undefined) throw refusedPattern("it must not end within a bracket or escape");
  return character;
}

function accepts(source: Source, character: string): boolean {
  if (source.characters[source.at] !== character) return false;
  source.at++;
  return true;
}
