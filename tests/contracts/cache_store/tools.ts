/**
 * What the tests of a cache store have in common.
 *
 * @module
 */

import type {
  CacheRecord,
  CacheSpace,
  CacheStore,
  CacheWrite,
  LeaseAnswer,
  LeaseOrder,
  LeaseReply,
  LeaseRequest,
  Outcome,
  StoreKey,
  WriteOrder,
} from "../../../src/cache/port.ts";
import type { Bench } from "../harness.ts";

/** The space of the suite. */
export const SPACE: CacheSpace = { name: "suite", raw: false, hashMode: "create" };
/** A space that keeps bare payloads. */
export const RAW: CacheSpace = { name: "suite-raw", raw: true, hashMode: "create" };
/** A space that is neither. */
export const OTHER: CacheSpace = { name: "suite-other", raw: false, hashMode: "create" };
/** Long enough never to pass. */
export const LONG_MS = 60_000;
/** Long enough to see before it passes, short enough to wait for. */
export const SHORT_MS = 200;
/** When that is over. */
export const PAST_SHORT_MS = 240;

/** Texts that must come back unit by unit. */
export const TEXTS: readonly string[] = [
  "",
  " ",
  "OK",
  "null",
  "123",
  "1e5",
  "true",
  "0;",
  "1;2;3|",
  "|",
  '{"a":[]}',
  "\0\n\r",
  "é€😀",
  "x".repeat(100_000),
];

/** Keys that must never meet, in any order or kind. */
export const KEYS: readonly StoreKey[] = [
  "a",
  "b",
  "a:b",
  "a,b",
  "{a}",
  "}",
  " ",
  "\0",
  "\0sa",
  "\0h1:ab",
  "é",
  "😀",
  "__proto__",
  ["a", "b"],
  ["a", "b,c"],
  ["a,b", "c"],
  ["ab", "c"],
  ["a", "bc"],
  ["a:b", "c"],
  ["a", "b:c"],
  ["__proto__", "__proto__"],
  ["{a}", "}"],
];

/** Registers a test of one method. */
export type On = (what: string, run: (bench: Bench<CacheStore>) => Promise<void>) => void;

/** A value that lives long. */
export function entry(key: StoreKey, text: string): CacheWrite {
  return { key, text, ttlMs: LONG_MS, lifeMs: LONG_MS };
}

/** Writes values, in the epoch of one namespace unless told otherwise. */
export async function write(
  store: CacheStore,
  writes: readonly CacheWrite[],
  order: Partial<WriteOrder> = {},
  space: CacheSpace = SPACE,
): Promise<boolean> {
  const deadlineMs = order.deadlineMs ?? await nowMs(store) + LONG_MS;
  return store.write(space, writes, { epochs: ["n"], tags: [], ...order, deadlineMs });
}

/** Asks for the leases of keys under which nothing lies, unless told otherwise. */
export async function lease(
  store: CacheStore,
  token: string,
  keys: readonly (StoreKey | LeaseRequest)[],
  order: Partial<LeaseOrder> = {},
  space: CacheSpace = SPACE,
): Promise<LeaseReply> {
  const requests = keys.map((key): LeaseRequest => isRequest(key) ? key : { key, over: "nothing" });
  return await store.lease(space, requests, {
    epochs: [],
    leaseMs: LONG_MS,
    costMs: 0,
    lifeMs: LONG_MS,
    ...order,
    token,
  });
}

function isRequest(key: StoreKey | LeaseRequest): key is LeaseRequest {
  return typeof key === "object" && "over" in key;
}

/** Ends leases that a reply granted. */
export async function settle(
  store: CacheStore,
  token: string,
  { mark }: LeaseReply,
  outcomes: readonly Outcome[],
): Promise<readonly boolean[]> {
  return await store.settle(SPACE, outcomes, { token, mark });
}

/** The outcome that stores a text. */
export function fill(
  key: StoreKey,
  text: string,
  { nowMs, epochs }: LeaseReply,
  lives: { readonly ttlMs?: number; readonly lifeMs?: number } = {},
  lateTags: readonly string[] = [],
): Outcome {
  const terms = { ttlMs: LONG_MS, lifeMs: LONG_MS, tags: lateTags, epochs, ...lives };
  return { kind: "fill", key, lateTags, record: { text, createdAtMs: nowMs, costMs: 12, terms } };
}

/** The texts that lie under keys. */
export async function texts(
  store: CacheStore,
  keys: readonly StoreKey[],
  space: CacheSpace = SPACE,
): Promise<(string | undefined)[]> {
  const { records } = await store.read(space, keys, []);
  return records.map((found) => found === "foreign" ? "foreign" : found?.text);
}

/** What became of each request. */
export function kinds({ answers }: LeaseReply): LeaseAnswer["kind"][] {
  return answers.map(({ kind }) => kind);
}

/** What was found, which must be a record. */
export function record(found: CacheRecord | "foreign" | undefined): CacheRecord {
  if (found === undefined || found === "foreign") throw new Error(`no record but ${found}`);
  return found;
}

/** The store's time of now. */
export async function nowMs(store: CacheStore): Promise<number> {
  const reply = await lease(store, "clock", [], { epochs: [] });
  return reply.nowMs;
}
