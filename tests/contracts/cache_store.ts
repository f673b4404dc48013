/**
 * What every cache store must keep.
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
} from "../../src/cache/port.ts";
import { equal, ok } from "./assert.ts";
import type { Bench, OpenBench, TestFunction } from "./harness.ts";

const SPACE: CacheSpace = { name: "suite", raw: false, hashMode: "create" };
const RAW: CacheSpace = { name: "suite-raw", raw: true, hashMode: "create" };
const OTHER: CacheSpace = { name: "suite-other", raw: false, hashMode: "create" };
const LONG_MS = 60_000;
/** Long enough to see before it passes, short enough to wait for. */
const SHORT_MS = 60;
const PAST_SHORT_MS = 90;

/** Texts that must come back unit by unit. */
const TEXTS = [
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
const KEYS: readonly StoreKey[] = [
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

/** Registers the tests that a driver of {@linkcode CacheStore} must pass. */
export function testCacheStore(test: TestFunction, open: OpenBench<CacheStore>): void {
  const on = (what: string, run: (bench: Bench<CacheStore>) => Promise<void>): void => {
    test(`CacheStore.${what}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  testReading(on);
  testLeases(on);
  testSettling(on);
  testWriting(on);
  testEpochs(on);
  testHashes(on);
  testRaw(on);
}

type On = (what: string, run: (bench: Bench<CacheStore>) => Promise<void>) => void;

function testReading(on: On): void {
  on("read() finds nothing in an empty store", async ({ store }) => {
    equal(await store.read(SPACE, ["a", ["h", "f"]], ["n"]), {
      records: [undefined, undefined],
      epochs: [undefined],
    });
  });

  on("read() of no keys and no epochs is empty", async ({ store }) => {
    equal(await store.read(SPACE, [], []), { records: [], epochs: [] });
  });

  on("read() finds what was written, in the order asked, repetitions too", async ({ store }) => {
    await write(store, [entry("a", "A"), entry("b", "B"), entry(["h", "f"], "F")]);
    const keys: StoreKey[] = ["b", "missing", ["h", "f"], "a", ["h", "g"], "b", ["h", "f"]];
    equal(await texts(store, keys), ["B", undefined, "F", "A", undefined, "B", "F"]);
  });

  on("read() gives every text back unit by unit", async ({ store }) => {
    await write(store, TEXTS.map((text, i) => entry(`t${i}`, text)));
    equal(await texts(store, TEXTS.map((_, i) => `t${i}`)), TEXTS);
  });

  on("read() tells the terms and the time of creation", async ({ store }) => {
    const { offsetMs, errorMs } = await store.time();
    await write(store, [{ key: "a", text: "A", ttlMs: 5_000, lifeMs: 7_000 }], {
      epochs: ["n", "t:x"],
      tags: ["t:x"],
    });
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n", "t:x"]);
    const { terms, costMs, createdAtMs } = record(found);
    equal(terms, { ttlMs: 5_000, lifeMs: 7_000, tags: ["t:x"], epochs });
    equal(costMs, 0);
    ok(Number.isFinite(createdAtMs) && Number.isFinite(offsetMs) && errorMs >= 0, "times");
  });

  on("read() keeps keys and spaces apart", async ({ store }) => {
    await write(store, KEYS.map((key, i) => entry(key, String(i))));
    equal(await texts(store, KEYS), KEYS.map((_, i) => String(i)));
    equal(await texts(store, KEYS, OTHER), KEYS.map(() => undefined));
  });

  on("read() does not find what has expired", async ({ store, advance }) => {
    await write(store, [
      { key: "a", text: "A", ttlMs: SHORT_MS, lifeMs: SHORT_MS },
      entry("b", "B"),
    ]);
    equal(await texts(store, ["a", "b"]), ["A", "B"]);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, ["a", "b"]), [undefined, "B"]);
  });

  on("read() finds at a peer what was written here", async ({ store, peer }) => {
    await write(store, [{ key: "a", text: "A", ttlMs: Infinity, lifeMs: Infinity }]);
    const { records: [found] } = await (await peer()).read(SPACE, ["a"], []);
    equal([record(found).text, record(found).terms.lifeMs], ["A", Infinity]);
  });
}

function testLeases(on: On): void {
  on("lease() grants one of many requests", async ({ store, peer }) => {
    const other = await peer();
    equal(kinds(await lease(store, "one", ["a", "b"])), ["granted", "granted"]);
    const reply = await lease(other, "two", ["b", "c"], { costMs: 5 });
    equal(kinds(reply), ["busy", "granted"]);
    const busy = reply.answers[0];
    ok(
      busy?.kind === "busy" && busy.remainingMs > LONG_MS - 1_000,
      "a busy lease has its time left",
    );
    ok(
      busy?.kind === "busy" && busy.heldMs >= 0 && busy.heldMs < 1_000,
      "and tells how long it was held",
    );
  });

  on("lease() tells what its holder expects", async ({ store }) => {
    await lease(store, "one", ["a"], { costMs: 321 });
    const [answer] = (await lease(store, "two", ["a"])).answers;
    equal(answer?.kind === "busy" && answer.costMs, 321);
  });

  on("lease() sent twice is one order", async ({ store }) => {
    await lease(store, "one", ["a"]);
    equal(kinds(await lease(store, "one", ["a"])), ["granted"]);
  });

  on("lease() grants again when the lease has run out", async ({ store, advance }) => {
    await lease(store, "one", ["a"], { leaseMs: SHORT_MS });
    await advance(PAST_SHORT_MS);
    equal(kinds(await lease(store, "two", ["a"])), ["granted"]);
  });

  on("lease() answers with a record that lies there instead", async ({ store }) => {
    await write(store, [entry("a", "A")]);
    const [answer] = (await lease(store, "one", ["a"])).answers;
    equal(answer?.kind === "changed" && record(answer.found).text, "A");
    equal(await store.leased(SPACE, ["a"]), [false]);
  });

  on("lease() is granted over the record that the asker knows", async ({ store }) => {
    await write(store, [entry("a", "A")]);
    const { records: [found] } = await store.read(SPACE, ["a"], []);
    const over = record(found).createdAtMs;
    equal(kinds(await lease(store, "one", [{ key: "a", over }])), ["granted"]);
    equal(kinds(await lease(store, "two", [{ key: "a", over: over - 1 }])), ["changed"]);
    equal(kinds(await lease(store, "two", [{ key: "b", over }])), ["granted"], "a removed record");
  });

  on("lease() is granted over anything if asked so", async ({ store }) => {
    await write(store, [entry("a", "A")]);
    equal(kinds(await lease(store, "one", [{ key: "a", over: "anything" }])), ["granted"]);
  });

  on("lease() makes the epochs that are missing, once", async ({ store, peer }) => {
    const first = await lease(store, "one", ["a"], { epochs: ["n", "t"] });
    const second = await lease(await peer(), "two", ["b"], { epochs: ["t", "n", "u"] });
    equal(second.epochs.slice(0, 2), [...first.epochs].reverse());
    const [hard = "", soft = ""] = first.epochs[0]?.split(".") ?? [];
    ok(hard !== "" && soft !== "", "an epoch has a hard and a soft part");
    ok(new Set(second.epochs).size === 3, "epochs differ");
  });

  on("leased() tells who is creating, and takes no lease", async ({ store }) => {
    await lease(store, "one", ["a", ["h", "f"]]);
    equal(await store.leased(SPACE, ["a", "b", ["h", "f"], ["h", "g"]]), [
      true,
      false,
      true,
      false,
    ]);
    equal(kinds(await lease(store, "two", ["b"])), ["granted"]);
  });

  on("lease() keeps the leases of keys apart", async ({ store }) => {
    equal(kinds(await lease(store, "one", [...KEYS])), KEYS.map(() => "granted"));
  });
}

function testSettling(on: On): void {
  on("settle() stores under a standing lease, and ends it", async ({ store }) => {
    const reply = await lease(store, "one", ["a"], { epochs: ["n"] });
    equal(await settle(store, "one", reply, [fill("a", "A", reply)]), [true]);
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n"]);
    const { text, terms, costMs, createdAtMs } = record(found);
    equal({ text, costMs, createdAtMs }, { text: "A", costMs: 12, createdAtMs: reply.nowMs });
    equal(terms.epochs, epochs);
    equal(await store.leased(SPACE, ["a"]), [false]);
  });

  on("settle() is refused when the lease has run out", async ({ store, advance }) => {
    const reply = await lease(store, "one", ["a"], { leaseMs: SHORT_MS });
    await advance(PAST_SHORT_MS);
    equal(await settle(store, "one", reply, [fill("a", "A", reply)]), [false]);
    equal(await texts(store, ["a"]), [undefined]);
  });

  on("settle() is refused when another holds the lease by then", async ({ store, advance }) => {
    const first = await lease(store, "one", ["a"], { leaseMs: SHORT_MS });
    await advance(PAST_SHORT_MS);
    const second = await lease(store, "two", ["a"]);
    equal(await settle(store, "one", first, [fill("a", "old", first)]), [false]);
    equal(await settle(store, "two", second, [fill("a", "new", second)]), [true]);
    equal(await texts(store, ["a"]), ["new"]);
  });

  on("settle() is refused after write() and after remove()", async ({ store }) => {
    const reply = await lease(store, "one", ["a", "b"]);
    await write(store, [entry("a", "set")]);
    await store.remove(SPACE, ["b"]);
    const outcomes = [fill("a", "late", reply), fill("b", "late", reply)];
    equal(await settle(store, "one", reply, outcomes), [false, false]);
    equal(await texts(store, ["a", "b"]), ["set", undefined]);
  });

  on("settle() that arrives twice changes nothing the second time", async ({ store }) => {
    const reply = await lease(store, "one", ["a"]);
    await settle(store, "one", reply, [fill("a", "A", reply)]);
    await write(store, [entry("a", "set")]);
    await settle(store, "one", reply, [fill("a", "A", reply)]);
    equal(await texts(store, ["a"]), ["set"]);
  });

  on("settle() stores some and releases others at once", async ({ store }) => {
    const reply = await lease(store, "one", ["a", "b", "c"]);
    const outcomes: Outcome[] = [
      fill("a", "A", reply),
      { kind: "release", key: "b", barMs: 0 },
      fill("c", "C", reply),
    ];
    equal(await settle(store, "one", reply, outcomes), [true, true, true]);
    equal(await texts(store, ["a", "b", "c"]), ["A", undefined, "C"]);
    equal(kinds(await lease(store, "two", ["b"])), ["granted"]);
  });

  on("settle() releases nothing that somebody else holds", async ({ store }) => {
    const reply = await lease(store, "one", ["a"]);
    equal(await settle(store, "two", reply, [{ kind: "release", key: "a", barMs: 0 }]), [false]);
    equal(await store.leased(SPACE, ["a"]), [true]);
  });

  on("settle() bars a key for a while", async ({ store, advance }) => {
    const reply = await lease(store, "one", ["a"]);
    await settle(store, "one", reply, [{ kind: "release", key: "a", barMs: SHORT_MS }]);
    const [answer] = (await lease(store, "two", ["a"])).answers;
    ok(answer?.kind === "barred" && answer.remainingMs <= SHORT_MS, "barred");
    equal(await store.leased(SPACE, ["a"]), [false]);
    await advance(PAST_SHORT_MS);
    equal(kinds(await lease(store, "two", ["a"])), ["granted"]);
  });

  on("settle() lets a record expire", async ({ store, advance }) => {
    const reply = await lease(store, "one", ["a"]);
    await settle(store, "one", reply, [fill("a", "A", reply, { lifeMs: SHORT_MS, ttlMs: 1 })]);
    equal(await texts(store, ["a"]), ["A"]);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, ["a"]), [undefined]);
  });
}

function testWriting(on: On): void {
  on("write() replaces, and remove() removes", async ({ store }) => {
    await write(store, [entry("a", "1"), entry(["h", "f"], "1"), entry(["h", "g"], "1")]);
    await write(store, [entry("a", "2"), entry(["h", "f"], "2")]);
    equal(await texts(store, ["a", ["h", "f"], ["h", "g"]]), ["2", "2", "1"]);
    await store.remove(SPACE, ["a", ["h", "f"], "never was"]);
    equal(await texts(store, ["a", ["h", "f"], ["h", "g"]]), [undefined, undefined, "1"]);
  });

  on("write() is refused after its deadline", async ({ store, advance }) => {
    const deadlineMs = await nowMs(store) + SHORT_MS;
    equal(await write(store, [entry("a", "A")], { deadlineMs }), true);
    await advance(PAST_SHORT_MS);
    equal(await write(store, [entry("a", "late"), entry("b", "late")], { deadlineMs }), false);
    equal(await texts(store, ["a", "b"]), ["A", undefined]);
  });

  on("write() that came too late ends no lease", async ({ store }) => {
    await lease(store, "one", ["a"]);
    await write(store, [entry("a", "late")], { deadlineMs: await nowMs(store) - LONG_MS });
    equal(await store.leased(SPACE, ["a"]), [true]);
  });

  on("write() gives the record the epochs of its moment", async ({ store }) => {
    await write(store, [entry("a", "1")], { epochs: ["n"] });
    await store.renew(SPACE, ["n"], "hard");
    await write(store, [entry("a", "2")], { epochs: ["n"] });
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n"]);
    equal(record(found).terms.epochs, epochs);
  });
}

function testEpochs(on: On): void {
  on("renew() hard changes both parts of an epoch, or forgets it", async ({ store }) => {
    const { epochs: [before = ""] } = await lease(store, "one", ["a"], { epochs: ["n"] });
    await store.renew(SPACE, ["n"], "hard");
    const { epochs: [after = ""] } = await lease(store, "two", ["b"], { epochs: ["n"] });
    ok(after.split(".")[0] !== before.split(".")[0], "another hard part");
  });

  on("renew() soft changes the soft part alone", async ({ store, peer }) => {
    const { epochs: [before = ""] } = await lease(store, "one", ["a"], { epochs: ["n"] });
    await store.renew(SPACE, ["n"], "soft");
    const { epochs: [after = ""] } = await (await peer()).read(SPACE, [], ["n"]);
    ok(after !== before, "another epoch");
    equal(after.split(".")[0], before.split(".")[0]);
  });

  on("renew() of an epoch that does not exist makes none", async ({ store }) => {
    await store.renew(SPACE, ["n"], "soft");
    await store.renew(SPACE, ["n"], "hard");
    equal((await store.read(SPACE, [], ["n"])).epochs, [undefined]);
  });

  on("renew() leaves other epochs and spaces alone", async ({ store }) => {
    const { epochs } = await lease(store, "one", ["a"], { epochs: ["m", "n"] });
    await store.renew(SPACE, ["n"], "hard");
    await store.renew(OTHER, ["m", "n"], "hard");
    equal((await store.read(SPACE, [], ["m"])).epochs, [epochs[0]]);
  });

  on("settle() leaves a record in the epochs of its lease", async ({ store }) => {
    const reply = await lease(store, "one", ["a"], { epochs: ["n"] });
    await store.renew(SPACE, ["n"], "hard");
    await settle(store, "one", reply, [fill("a", "A", reply)]);
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n"]);
    if (found !== undefined) {
      ok(record(found).terms.epochs[0] !== epochs[0], "the record is dead");
    }
  });

  on("settle() adds the epochs of late tags", async ({ store }) => {
    const reply = await lease(store, "one", ["a"], { epochs: ["n"] });
    equal(await settle(store, "one", reply, [fill("a", "A", reply, {}, ["x", "y"])]), [true]);
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n", "x", "y"]);
    equal(record(found).terms.tags, ["x", "y"]);
    equal(record(found).terms.epochs, epochs);
  });

  for (const kind of ["hard", "soft"] as const) {
    on(`settle() is refused if a late tag was renewed ${kind} meanwhile`, async ({ store }) => {
      await write(store, [entry("z", "Z")], { epochs: ["n", "x"], tags: ["x"] });
      const reply = await lease(store, "one", ["a", "b", "c"], { epochs: ["n"] });
      await store.renew(SPACE, ["x"], kind);
      await store.renew(SPACE, ["never was"], kind);
      const outcomes = [
        fill("a", "A", reply, {}, ["x"]),
        fill("b", "B", reply, {}, ["never was"]),
        fill("c", "C", reply),
      ];
      equal(await settle(store, "one", reply, outcomes), [false, false, true]);
      equal(await store.leased(SPACE, ["a", "b", "c"]), [false, false, false]);
    });
  }

  on("settle() is not refused for a renewal of other tags", async ({ store }) => {
    await write(store, [entry("z", "Z")], { epochs: ["n", "x", "y"], tags: ["x", "y"] });
    const reply = await lease(store, "one", ["a"], { epochs: ["n"] });
    await store.renew(SPACE, ["y"], "hard");
    equal(await settle(store, "one", reply, [fill("a", "A", reply, {}, ["x"])]), [true]);
  });
}

function testHashes(on: On): void {
  const field = (name: string, lifeMs: number): CacheWrite => ({
    key: ["h", name],
    text: name,
    ttlMs: lifeMs,
    lifeMs,
  });

  on('write() in mode "create" sets a hash\'s end when it is new', async ({ store, advance }) => {
    await write(store, [field("a", SHORT_MS)]);
    await write(store, [field("b", LONG_MS)]);
    equal(await texts(store, [["h", "a"], ["h", "b"]]), ["a", "b"]);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, [["h", "a"], ["h", "b"]]), [undefined, undefined]);
    await write(store, [field("c", LONG_MS)]);
    equal(await texts(store, [["h", "b"], ["h", "c"]]), [undefined, "c"]);
  });

  on('write() in mode "always" sets a hash\'s end every time', async ({ store, advance }) => {
    const always: CacheSpace = { ...SPACE, hashMode: "always" };
    await write(store, [field("a", LONG_MS)], {}, always);
    await write(store, [field("b", SHORT_MS)], {}, always);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, [["h", "a"], ["h", "b"]], always), [undefined, undefined]);
  });

  on('write() in mode "never" sets no end', async ({ store, advance }) => {
    const never: CacheSpace = { ...SPACE, hashMode: "never" };
    await write(store, [field("a", LONG_MS)], {}, never);
    await write(store, [field("b", SHORT_MS)], {}, never);
    await advance(PAST_SHORT_MS);
    equal((await texts(store, [["h", "a"]], never))[0], "a");
  });

  on(
    'write() in mode "field" keeps a hash as long as its longest field',
    async ({ store, advance }) => {
      const fields: CacheSpace = { ...SPACE, hashMode: "field" };
      await write(store, [field("a", LONG_MS)], {}, fields);
      await write(store, [field("b", SHORT_MS)], {}, fields);
      await advance(PAST_SHORT_MS);
      equal((await texts(store, [["h", "a"]], fields))[0], "a");
    },
  );

  on("write() that lives for ever makes a hash that does", async ({ store, advance }) => {
    await write(store, [field("a", Infinity)]);
    await write(store, [field("b", SHORT_MS)]);
    await advance(PAST_SHORT_MS);
    equal((await texts(store, [["h", "a"]]))[0], "a");
  });

  on("settle() writes fields too", async ({ store }) => {
    const reply = await lease(store, "one", [["h", "f"], "k"]);
    const outcomes = [fill(["h", "f"], "F", reply), fill("k", "K", reply)];
    equal(await settle(store, "one", reply, outcomes), [true, true]);
    equal(await texts(store, [["h", "f"], "k"]), ["F", "K"]);
  });
}

function testRaw(on: On): void {
  const plain = { epochs: [], tags: [] };

  on("write() raw gives texts back and lets them expire", async ({ store, advance }) => {
    await write(store, TEXTS.map((text, i) => entry(`t${i}`, text)), plain, RAW);
    await write(store, [{ key: "a", text: "A", ttlMs: SHORT_MS, lifeMs: SHORT_MS }], plain, RAW);
    equal(await texts(store, ["a", ...TEXTS.map((_, i) => `t${i}`)], RAW), ["A", ...TEXTS]);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, ["a"], RAW), [undefined]);
  });

  on("settle() raw stores under a lease, and not after remove()", async ({ store }) => {
    const reply = await lease(store, "one", ["a", "b"], {}, RAW);
    await store.remove(RAW, ["b"]);
    const outcomes = [fill("a", "A", reply), fill("b", "B", reply)];
    const held = { token: "one", mark: reply.mark };
    equal(await store.settle(RAW, outcomes, held), [true, false]);
    equal(await texts(store, ["a", "b"], RAW), ["A", undefined]);
    equal(kinds(await lease(store, "two", ["a"], {}, RAW)), ["changed"]);
    const anyway: LeaseRequest = { key: "a", over: "anything" };
    equal(kinds(await lease(store, "two", [anyway], {}, RAW)), ["granted"]);
  });
}

function entry(key: StoreKey, text: string): CacheWrite {
  return { key, text, ttlMs: LONG_MS, lifeMs: LONG_MS };
}

async function write(
  store: CacheStore,
  writes: readonly CacheWrite[],
  order: Partial<WriteOrder> = {},
  space: CacheSpace = SPACE,
): Promise<boolean> {
  const deadlineMs = order.deadlineMs ?? await nowMs(store) + LONG_MS;
  return store.write(space, writes, { epochs: ["n"], tags: [], ...order, deadlineMs });
}

async function lease(
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

async function settle(
  store: CacheStore,
  token: string,
  { mark }: LeaseReply,
  outcomes: readonly Outcome[],
): Promise<readonly boolean[]> {
  return await store.settle(SPACE, outcomes, { token, mark });
}

function fill(
  key: StoreKey,
  text: string,
  { nowMs, epochs }: LeaseReply,
  lives: { readonly ttlMs?: number; readonly lifeMs?: number } = {},
  lateTags: readonly string[] = [],
): Outcome {
  const terms = { ttlMs: LONG_MS, lifeMs: LONG_MS, tags: lateTags, epochs, ...lives };
  return { kind: "fill", key, lateTags, record: { text, createdAtMs: nowMs, costMs: 12, terms } };
}

async function texts(
  store: CacheStore,
  keys: readonly StoreKey[],
  space: CacheSpace = SPACE,
): Promise<(string | undefined)[]> {
  const { records } = await store.read(space, keys, []);
  return records.map((found) => found === "foreign" ? "foreign" : found?.text);
}

function kinds({ answers }: LeaseReply): LeaseAnswer["kind"][] {
  return answers.map(({ kind }) => kind);
}

function record(found: CacheRecord | "foreign" | undefined): CacheRecord {
  if (found === undefined || found === "foreign") throw new Error(`no record but ${found}`);
  return found;
}

/** The store's time of now, early rather than late. */
async function nowMs(store: CacheStore): Promise<number> {
  const reply = await lease(store, "clock", [], { epochs: [] });
  return reply.nowMs;
}
