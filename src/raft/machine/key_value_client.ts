/**
 * The face of a replicated map: what people call, over a node that runs its machine.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { Json } from "../../json.ts";
import type { ProposeOptions, ReadOptions } from "../node_options.ts";
import type { Proposed, Read } from "../node_face.ts";
import type {
  KeyRange,
  KeyValueChange,
  KeyValueCommand,
  KeyValueEntry,
  KeyValueEvent,
  KeyValueMachine,
  KeyValueQuery,
  KeyValueReply,
} from "./key_value.ts";

/** The slice of a node that a map needs. */
export interface KeyValueNode {
  /** Proposes a command. */
  propose(command: KeyValueCommand, options?: ProposeOptions): Promise<Proposed<KeyValueReply>>;
  /** Reads. */
  read(query: KeyValueQuery, options?: ReadOptions): Promise<Read<readonly KeyValueEntry[]>>;
}

/** A replicated map of texts to JSON values. */
export interface KeyValue {
  /** Puts a value. Gives its version. */
  put(key: string, value: Json, options?: ProposeOptions): Promise<number>;
  /** The value of a key, or undefined. */
  get(key: string, options?: ReadOptions): Promise<Json | undefined>;
  /** The value of a key and its version, or undefined. */
  entry(key: string, options?: ReadOptions): Promise<KeyValueEntry | undefined>;
  /** Removes a key, whether it is there or not. */
  del(key: string, options?: ProposeOptions): Promise<void>;
  /** Makes several changes as one atom. */
  batch(changes: readonly KeyValueChange[], options?: ProposeOptions): Promise<number>;
  /**
   * Puts a value (or, undefined, removes it) if the key has this version, 0 for one that is not there. Gives the new
   * version.
   *
   * @throws {HoldfastError} `ERR_CONFLICT` if the key has another version.
   */
  swap(
    key: string,
    expected: number,
    value: Json | undefined,
    options?: ProposeOptions,
  ): Promise<number>;
  /** The entries of a range in order, read in pages: each page is linearizable, not all of them together. */
  range(range?: KeyRange, options?: ReadOptions): AsyncIterable<KeyValueEntry>;
  /** Calls back on every change on this node, `undefined` when a snapshot replaced everything. Returns what ends it. */
  watch(listener: (event: KeyValueEvent | undefined) => void): () => void;
}

const PAGE = 256;

/** A map over a node and the machine that the node runs. */
export function keyValue(node: KeyValueNode, machine: KeyValueMachine): KeyValue {
  const entry: KeyValue["entry"] = async (key, options) =>
    (await node.read({ kind: "get", key }, options)).answer[0];
  const batch: KeyValue["batch"] = async (changes, options) =>
    (await node.propose({ kind: "batch", changes }, options)).index;
  return {
    put: (key, value, options) => batch([{ kind: "put", key, value }], options),
    get: async (key, options) => (await entry(key, options))?.value,
    entry,
    async del(key, options) {
      await batch([{ kind: "del", key }], options);
    },
    batch,
    async swap(key, expected, value, options) {
      const command = { kind: "swap", key, expected, value } as const;
      const { reply: { done, version } } = await node.propose(command, options);
      if (done) return version;
      throw new HoldfastError(
        "ERR_CONFLICT",
        `Cannot swap as the version must be ${expected}: current value is ${version}`,
      );
    },
    async *range(range = {}, options) {
      let left = range.limit ?? Infinity;
      let rest: KeyRange = range;
      while (left > 0) {
        const limit = Math.min(PAGE, left);
        const { answer } = await node.read({ kind: "range", range: { ...rest, limit } }, options);
        yield* answer;
        const last = answer.at(-1);
        if (last === undefined || answer.length < limit) return;
        left -= answer.length;
        rest = range.reverse ? { ...range, lt: last.key } : { ...range, gt: last.key };
      }
    },
    watch: (listener) => machine.watch(listener),
  };
}
