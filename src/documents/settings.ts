/**
 * The options of documents, checked and filled in: how the collections lie in their store, and what is kept of them.
 *
 * @module
 */

import { type Duration, durationMs } from "../duration.ts";
import { ArgumentError, checkOptions, LimitError, shown } from "../errors.ts";
import { hash32 } from "../ordered_text.ts";
import { checkTypes, findType, json, type OtType, text } from "../ot/mod.ts";
import { guardedTypes } from "./document_state.ts";
import { checkNames, isName } from "./names.ts";
import type { DocumentUnit } from "./port.ts";

/** What is kept of every document of a collection. */
export interface KeepOptions {
  /** Operations of the log, at least; 2,000 by default. */
  readonly ops?: number;
  /** Bytes of operations of the log, about; 8 MiB by default. */
  readonly bytes?: number;
  /** How long operations are kept; for ever by default. */
  readonly age?: Duration;
  /** How many dropped operations are known again when they come a second time; 2,000 by default. */
  readonly identities?: number;
  /** How long they are known again; a week by default. */
  readonly identityAge?: Duration;
  /** After how many operations a snapshot is written; 50 by default. */
  readonly snapshotEvery?: number;
  /** After how many operations a snapshot is kept as a milestone, for history; 0, the default, for never. */
  readonly milestoneEvery?: number;
  /** How many milestones are kept; 100 by default. */
  readonly milestones?: number;
}

/** How a collection lies in its store. */
export interface CollectionOptions {
  /** The type of documents that are created without one, by name or URI; `json` by default. */
  readonly type?: string;
  /** The fields that are indexed, dotted from the root. */
  readonly index?: readonly string[];
  /** Over how many units the documents are spread, 1 to 64; 1 by default. Fixed for the collection's life. */
  readonly shards?: number;
  /** What is kept of every document. */
  readonly keep?: KeepOptions;
}

/** The options that the core knows. */
export interface CoreSettingsOptions {
  /** Collections that are not as every other one. */
  readonly collections?: Readonly<Record<string, CollectionOptions>>;
  /** Types beside `json` and `text`. */
  readonly types?: readonly OtType[];
  /** What is kept of documents, unless their collection says otherwise. */
  readonly keep?: KeepOptions;
  /** How often an operation may lose the race for the next version; 50 by default. */
  readonly retriesMax?: number;
  /** How many operations may wait for one document in this process; 1,000 by default. */
  readonly waitingMax?: number;
  /** Of how many documents this process keeps a copy; 1,000 by default. */
  readonly recentMax?: number;
}

/** The names of these options. */
export const CORE_OPTIONS: readonly (keyof CoreSettingsOptions)[] = [
  "collections",
  "types",
  "keep",
  "retriesMax",
  "waitingMax",
  "recentMax",
];

/** A collection as the core uses it. */
export interface CollectionSettings {
  /** Its units, by shard. */
  readonly units: readonly DocumentUnit[];
  /** The type of documents that are created without one. */
  readonly type: string;
  /** The fields that are indexed, each as the steps of its path. */
  readonly index: readonly (readonly string[])[];
  /** After how many operations a snapshot is written. */
  readonly snapshotEvery: number;
  /** After how many operations a milestone is kept; `Infinity` for never. */
  readonly milestoneEvery: number;
}

/** Everything checked. */
export interface CoreSettings {
  /** The types, guarded. */
  readonly types: readonly OtType[];
  /** How a collection lies in its store. */
  collection(name: string): CollectionSettings;
  /** How often an operation may lose the race. */
  readonly retriesMax: number;
  /** How many operations may wait for one document. */
  readonly waitingMax: number;
  /** Of how many documents a copy is kept. */
  readonly recentMax: number;
}

const WEEK_MS = 604_800_000;
const COUNTS = { ops: 2_000, bytes: 8_388_608, identities: 2_000, milestones: 100 } as const;
const JOURNAL = { entriesMax: 10_000, bytesMax: 8_388_608, ageMsMax: WEEK_MS };
const SHARDS_MAX = 64;
/** `authorize` is for the rules above the core. */
const COLLECTION_OPTIONS = ["authorize", "index", "keep", "shards", "type"];
const KEEP_OPTIONS = [
  ...Object.keys(COUNTS),
  "age",
  "identityAge",
  "snapshotEvery",
  "milestoneEvery",
];

/**
 * Options checked and filled in.
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION`; `ERR_INVALID_ARGUMENT` for a type that is none.
 */
export function coreSettings(options: CoreSettingsOptions): CoreSettings {
  const { collections = {}, types = [], keep = {}, retriesMax = 50, waitingMax = 1_000 } = options;
  const { recentMax = 1_000 } = options;
  checkOptions("open documents", collections, Object.keys(collections));
  const known = guardedTypes(checkTypes([json, text, ...types]));
  const named = new Map<string, CollectionSettings>();
  for (const [name, own] of Object.entries(collections)) {
    checkNames(name, []);
    checkOptions("open a collection", own, COLLECTION_OPTIONS);
    if (own.type !== undefined) findType(known, own.type);
    named.set(name, collectionSettings(name, { ...own, keep: { ...keep, ...own.keep } }));
  }
  collectionSettings("any", { keep });
  return {
    types: known,
    collection: (name) => {
      const found = named.get(name) ?? collectionSettings(name, { keep });
      named.set(name, found);
      if (named.size > NAMED_MAX) named.delete(name);
      return found;
    },
    retriesMax: count("retriesMax", retriesMax, 0),
    waitingMax: count("waitingMax", waitingMax, 1),
    recentMax: count("recentMax", recentMax, 0),
  };
}

/** Strangers may name collections as they like: so many are remembered, the others worked out anew each time. */
const NAMED_MAX = 1_000;

/** In which of its collection's units a document lies. */
export function unitOf({ units }: CollectionSettings, id: string): DocumentUnit {
  const unit = units[units.length === 1 ? 0 : hash32(id) % units.length];
  if (unit === undefined) throw new LimitError("ERR_INVALID_OPTION", "Cannot use no shards");
  return unit;
}

function collectionSettings(
  collection: string,
  { type = "json", index = [], shards = 1, keep = {} }: CollectionOptions,
): CollectionSettings {
  checkOptions("open a collection", keep, KEEP_OPTIONS);
  count("shards", shards, 1, SHARDS_MAX);
  const log = {
    opsMax: count("ops", keep.ops ?? COUNTS.ops, 0),
    bytesMax: count("bytes", keep.bytes ?? COUNTS.bytes, 0),
    ageMsMax: keep.age === undefined ? Infinity : durationMs(keep.age, "age"),
    identitiesMax: count("identities", keep.identities ?? COUNTS.identities, 0),
    identityMsMax: durationMs(keep.identityAge ?? WEEK_MS, "identityAge"),
    milestonesMax: count("milestones", keep.milestones ?? COUNTS.milestones, 1),
  };
  const units = Array.from({ length: shards }, (_, shard) => (
    { collection, shard, isIndexed: index.length > 0, log, journal: JOURNAL }
  ));
  const milestoneEvery = count("milestoneEvery", keep.milestoneEvery ?? 0, 0);
  return {
    units,
    type,
    index: index.map(stepsOf),
    snapshotEvery: count("snapshotEvery", keep.snapshotEvery ?? 50, 1),
    milestoneEvery: milestoneEvery === 0 ? Infinity : milestoneEvery,
  };
}

function stepsOf(field: string): readonly string[] {
  const steps = typeof field === "string" ? field.split(".") : [];
  if (steps.length > 0 && steps.every((step) => isName(step))) return steps;
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot open a collection as index must name fields: current value is ${shown(field)}`,
  );
}

function count(option: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new LimitError(
    "ERR_INVALID_OPTION",
    `Cannot open documents as ${option} must be a whole number from ${min} to ${max}: ` +
      `current value is ${shown(value)}`,
  );
}
