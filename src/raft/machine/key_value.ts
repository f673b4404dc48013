/**
 * A ready-made state machine: an ordered map of texts to JSON values.
 *
 * @module
 */

import { ArgumentError, LimitError } from "../../errors.ts";
import { Emitter } from "../../events.ts";
import type { Json } from "../../json.ts";
import { compareUtf8 } from "../../ordered_text.ts";
import type { CommandPlace, StateMachine } from "./machine.ts";

/** One change of a batch. */
export type KeyValueChange =
  | { readonly kind: "put"; readonly key: string; readonly value: Json }
  | { readonly kind: "del"; readonly key: string };

/** What may be proposed. */
export type KeyValueCommand =
  /** All changes, or none. */
  | { readonly kind: "batch"; readonly changes: readonly KeyValueChange[] }
  /**
   * Puts a value (or, undefined, removes it) if the key's version is this one; 0 stands for a key that is not there.
   */
  | {
    readonly kind: "swap";
    readonly key: string;
    readonly expected: number;
    readonly value: Json | undefined;
  };

/** What a command answers. */
export type KeyValueReply = {
  /** Whether it was done; a swap whose version was another is not. */
  readonly done: boolean;
  /** The version that was written, or that is there now; 0 if the key is not there. */
  readonly version: number;
};

/** Which keys. */
export interface KeyRange {
  /** Keys from here on. */
  readonly gte?: string;
  /** Keys after this one. */
  readonly gt?: string;
  /** Keys up to this one. */
  readonly lte?: string;
  /** Keys before this one. */
  readonly lt?: string;
  /** Whether to begin at the end. */
  readonly reverse?: boolean;
  /** The most entries. */
  readonly limit?: number;
}

/** What may be read. */
export type KeyValueQuery =
  | { readonly kind: "get"; readonly key: string }
  | { readonly kind: "range"; readonly range: KeyRange };

/** A key's value. */
export interface KeyValueEntry {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: Json;
  /** The index of the command that wrote it. */
  readonly version: number;
}

/** What happened to a key. */
export interface KeyValueEvent {
  /** What. */
  readonly kind: "put" | "del";
  /** The key. */
  readonly key: string;
  /** The value that was put. */
  readonly value: Json | undefined;
  /** The index of the command that did it. */
  readonly version: number;
}

/** The machine, and who watches it. */
export interface KeyValueMachine
  extends StateMachine<KeyValueCommand, KeyValueReply, KeyValueQuery, readonly KeyValueEntry[]> {
  /** How many keys there are. */
  readonly size: number;
  /** Calls back on every change on this node, until what it returns is called; `undefined`: a snapshot replaced all. */
  watch(listener: (event: KeyValueEvent | undefined) => void): () => void;
}

/** The longest key, in UTF-16 units. */
export const KEY_LENGTH_MAX = 4_096;

interface Held {
  readonly value: Json;
  readonly version: number;
}

/**
 * Makes an empty ordered map. Keys are in the order of their UTF-8 bytes; a key's version is the index of the command
 * that wrote it.
 *
 * @example
 * ```ts
 * import { createNode, inProcess, keyValue, keyValueMachine } from "@holdfast/holdfast/consensus";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const machine = keyValueMachine();
 * await using node = createNode(memory(), { url: "local://a", transport: inProcess(), machine });
 * await node.ready();
 * const map = keyValue(node, machine);
 * await map.put("greeting", "hello");
 * strictEqual(await map.get("greeting"), "hello");
 * ```
 */
export function keyValueMachine(): KeyValueMachine {
  return new OrderedMap();
}

class OrderedMap implements KeyValueMachine {
  #values = new Map<string, Held>();
  /** All keys in order; made anew when it is asked for and keys came or went. */
  #order: string[] | undefined = [];
  readonly #changes = new Emitter<{ change: KeyValueEvent | undefined }>();

  get size(): number {
    return this.#values.size;
  }

  encode(command: KeyValueCommand): Uint8Array {
    checkCommand(command);
    return new TextEncoder().encode(JSON.stringify(command));
  }

  apply(data: Uint8Array, { index }: CommandPlace): KeyValueReply {
    const command: KeyValueCommand = JSON.parse(new TextDecoder().decode(data)); // written by encode()
    if (command.kind === "batch") {
      for (const change of command.changes) this.#change(change, index);
      return { done: true, version: index };
    }
    const { key, expected, value } = command;
    const version = this.#values.get(key)?.version ?? 0;
    if (version !== expected) return { done: false, version };
    this.#change(value === undefined ? { kind: "del", key } : { kind: "put", key, value }, index);
    return { done: true, version: value === undefined ? 0 : index };
  }

  read(query: KeyValueQuery): readonly KeyValueEntry[] {
    checkQuery(query);
    if (query.kind === "range") return this.#range(query.range);
    const held = this.#values.get(query.key);
    return held === undefined ? [] : [{ key: query.key, ...held }];
  }

  save(): Uint8Array {
    const all = this.#ordered().map((key) => {
      const { value, version } = this.#held(key);
      return [key, version, value];
    });
    return new TextEncoder().encode(JSON.stringify(all));
  }

  restore(data: Uint8Array): void {
    // Our own text, written by save().
    const all: [string, number, Json][] = JSON.parse(new TextDecoder().decode(data));
    this.#values = new Map(all.map(([key, version, value]) => [key, { version, value }]));
    this.#order = undefined;
    this.#changes.emit("change", undefined);
  }

  watch(listener: (event: KeyValueEvent | undefined) => void): () => void {
    return this.#changes.on("change", listener);
  }

  #change(change: KeyValueChange, version: number): void {
    const { kind, key } = change;
    const isNew = !this.#values.has(key);
    if (kind === "put") {
      this.#values.set(key, { value: change.value, version });
      if (isNew) this.#insert(key);
    } else if (this.#values.delete(key)) this.#order = undefined;
    const value = kind === "put" ? change.value : undefined;
    this.#changes.emit("change", { kind, key, value, version });
  }

  /** Keys that come in order, as most do, need no new sorting. */
  #insert(key: string): void {
    const last = this.#order?.at(-1);
    if (last === undefined || compareUtf8(last, key) < 0) this.#order?.push(key);
    else this.#order = undefined;
  }

  #ordered(): readonly string[] {
    return this.#order ??= [...this.#values.keys()].sort(compareUtf8);
  }

  #held(key: string): Held {
    return this.#values.get(key) ?? { value: null, version: 0 };
  }

  #range({ gte, gt, lte, lt, reverse = false, limit = Infinity }: KeyRange): KeyValueEntry[] {
    const order = this.#ordered();
    const from = Math.max(
      gte === undefined ? 0 : firstAt(order, gte, false),
      gt === undefined ? 0 : firstAt(order, gt, true),
    );
    const to = Math.min(
      lte === undefined ? order.length : firstAt(order, lte, true),
      lt === undefined ? order.length : firstAt(order, lt, false),
    );
    const count = Math.max(0, Math.min(limit, to - from));
    const keys = reverse
      ? order.slice(Math.max(from, to - count), Math.max(from, to)).reverse()
      : order.slice(from, from + count);
    return keys.map((key) => ({ key, ...this.#held(key) }));
  }
}

/** The place of the first key that is not before `key`, or that is after it. */
function firstAt(order: readonly string[], key: string, isAfter: boolean): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const compared = compareUtf8(order[middle] ?? "", key);
    if (compared < 0 || (isAfter && compared === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Refuses what must not get into the log, where every node would meet it. Callers may be far away and untyped. */
function checkCommand(command: KeyValueCommand): void {
  const { kind, key, expected, changes } = Object(command);
  if (kind === "swap" && Number.isSafeInteger(expected) && expected >= 0) return checkKey(key);
  if (kind !== "batch" || !Array.isArray(changes)) throw noSuch("write", "command");
  for (const change of changes) {
    const { kind, key, value } = Object(change);
    if (kind !== "del" && (kind !== "put" || value === undefined)) throw noSuch("write", "change");
    checkKey(key);
  }
}

function checkQuery(query: KeyValueQuery): void {
  const { kind, key, range } = Object(query);
  const { gte, gt, lte, lt, limit = 0 } = Object(range);
  const texts = kind === "get" ? [key] : [gte, gt, lte, lt].filter((end) => end !== undefined);
  const isKnown = kind === "get" || (kind === "range" && range === Object(range));
  if (isKnown && typeof limit === "number" && texts.every((text) => typeof text === "string")) {
    return;
  }
  throw noSuch("read", "query");
}

function noSuch(action: string, what: string): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot ${action} as the ${what} must be one of an ordered map`,
  );
}

function checkKey(key: unknown): void {
  if (typeof key !== "string" || key === "" || !key.isWellFormed()) {
    throw new ArgumentError(
      "ERR_INVALID_KEY",
      "Cannot write as a key must be a well-formed text that is not empty",
    );
  }
  if (key.length > KEY_LENGTH_MAX) {
    throw new LimitError(
      "ERR_INVALID_KEY",
      `Cannot write as a key must have at most ${KEY_LENGTH_MAX} characters`,
    );
  }
}
