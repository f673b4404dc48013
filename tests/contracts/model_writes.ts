/**
 * Shapes and writes for the suites of models, with everything filled in that a test does not care for.
 *
 * @module
 */

import type {
  CommitOptions,
  CommitResult,
  DeleteWrite,
  EntryRange,
  MembersWrite,
  ModelShape,
  ModelStore,
  ModelWrite,
  PutWrite,
  Written,
} from "../../src/models/port.ts";
import { equal } from "./assert.ts";
import type { Bench } from "./harness.ts";

/** What a suite of models runs on. */
export interface ModelBench extends Bench<ModelStore> {
  /** The shape of every model of the suite, but for what a test changes. */
  readonly shape: ModelShape;
}

/** Opens a bench; called once per test. */
export type OpenModelBench = () => Promise<ModelBench>;

/** Registers one test of a suite of models. */
export type OnModels = (name: string, run: (bench: ModelBench) => Promise<void>) => void;

/** A shape with one shard and small bounds. */
export const PLAIN_SHAPE: ModelShape = {
  key: "thing",
  layout: "own",
  shards: 1,
  uniqueNames: ["field", "name"],
  expires: false,
  hasSets: true,
  isWatched: true,
  journal: { entriesMax: 1_000, bytesMax: 1_048_576, ageMsMax: 604_800_000 },
};

/** Every record, in the order of the ids. */
export const ALL: EntryRange = { from: "i\u0000", to: "i\u0001" };

/** A write of a record. */
export function put(id: string | undefined, over: Partial<PutWrite> = {}): PutWrite {
  return {
    kind: "put",
    id,
    expect: { kind: "absent" },
    body: JSON.stringify({ of: id ?? null }),
    shape: 1,
    claims: [],
    entries: ["i"],
    scopes: "{}",
    ttlMs: undefined,
    isHidden: false,
    ...over,
  };
}

/** A removal of a record. */
export function remove(id: string, over: Partial<DeleteWrite> = {}): DeleteWrite {
  return { kind: "delete", id, expect: undefined, ...over };
}

/** A change of a record's set. */
export function members(id: string, over: Partial<MembersWrite> = {}): MembersWrite {
  return { kind: "members", id, set: "tags", add: [], remove: [], replaces: false, ...over };
}

/** The texts `claim` has for these values: what `record_keys.ts` makes of strings. */
export function claim(value: string): string {
  return `field\u0000s${value}`;
}

/** Commits by one writer whose tokens and tags are counted. */
export interface Writer {
  /** Commits; options left out are made up. */
  commit(writes: readonly ModelWrite[], options?: Partial<CommitOptions>): Promise<CommitResult>;
  /** Commits one write that must be done, and gives what it did. */
  done(write: ModelWrite, options?: Partial<CommitOptions>): Promise<Written>;
}

/** A writer on a store. Writers of one test have different names. */
export function writer(store: ModelStore, shape: ModelShape, name = "w"): Writer {
  let count = 0;
  const commit: Writer["commit"] = (writes, options) => {
    count++;
    const own = { token: `${name}-${count}`, digest: "", tag: `${name}${count}` };
    return store.commit(shape, writes, { ...own, ...options });
  };
  return {
    commit,
    done: async (write, options) => {
      const result = await commit([write], options);
      equal(result.kind, "done", "result");
      const [written] = result.kind === "done" ? result.writes : [];
      if (written === undefined) throw new Error("a commit of one write must tell what it did");
      return written;
    },
  };
}
