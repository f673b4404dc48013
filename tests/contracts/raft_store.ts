/**
 * What every store of nodes must keep, whatever it keeps it in.
 *
 * @module
 */

import type { Entry } from "../../src/raft/core/message.ts";
import type { RaftStore, StoreAnswer } from "../../src/raft/port.ts";
import { equal, ok } from "./assert.ts";
import type { OpenBench, TestFunction } from "./harness.ts";
import {
  append,
  bytes,
  command,
  LONG,
  NODE,
  type OnRaft,
  snapshotAt,
  type StoreWriter,
  writerOf,
} from "./raft_store_tools.ts";
import { raftStoreSnapshots } from "./raft_store_snapshots.ts";

/** Registers the tests that a driver of {@linkcode RaftStore} must pass. */
export function testRaftStore(test: TestFunction, open: OpenBench<RaftStore>): void {
  const on: OnRaft = (what, run) => {
    test(`RaftStore.${what}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  onOpening(on);
  onSaving(on);
  onFencing(on);
  onReading(on);
  raftStoreSnapshots(on);
}

const DONE = { kind: "done", base: { index: 0, term: 0 }, snapshotIndex: 0 } as const;

function onOpening(on: OnRaft): void {
  on("open() finds an empty store as it is", async ({ store }) => {
    equal(await store.open(NODE, { owner: "a", incarnation: 7, bytesMax: LONG }), {
      epoch: 1,
      incarnation: 7,
      hardState: { term: 0, vote: undefined },
      commit: 0,
      snapshot: undefined,
      base: { index: 0, term: 0 },
      entries: [],
      lastIndex: 0,
    });
  });

  on("open() gives back everything that was saved, to the byte", async (bench) => {
    const writer = await writerOf(bench.store, "a");
    const entries = everyKind();
    equal(
      await writer.save({
        hardState: { term: 3, vote: "n2" },
        commit: 2,
        append: { prev: { index: 0, term: 0 }, entries },
      }),
      DONE,
    );
    const found = await (await bench.peer()).open(NODE, {
      owner: "b",
      incarnation: 9,
      bytesMax: LONG,
    });
    equal([found.epoch, found.incarnation, found.commit], [2, 1, 2]);
    equal(found.hardState, { term: 3, vote: "n2" });
    equal(found.entries, entries);
    equal(found.lastIndex, entries.length);
  });

  on("open() by the same owner is the same epoch", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, [1]));
    const again = await store.open(NODE, { owner: "a", incarnation: 1, bytesMax: LONG });
    equal(again.epoch, 1);
    equal((await writer.save(append(1, 1, [1]))).kind, "done");
  });

  on("open() gives a long log in parts", async ({ store }) => {
    const writer = await writerOf(store, "a");
    const entries = Array.from({ length: 50 }, (_, at) => command(at + 1, 1, "x".repeat(100)));
    await writer.save({
      hardState: undefined,
      commit: 0,
      append: { prev: { index: 0, term: 0 }, entries },
    });
    const found = await store.open(NODE, { owner: "b", incarnation: 1, bytesMax: 1_000 });
    ok(found.entries.length > 0 && found.entries.length < 50, `${found.entries.length} entries`);
    equal(found.lastIndex, 50);
    equal(found.entries, entries.slice(0, found.entries.length));
  });

  on("open() knows nodes apart by namespace and by name", async ({ store }) => {
    const names = [["a", "b/c"], ["a/b", "c"], ["{a}", "b"], ["a", "{b}"], ["__proto__", "x"]];
    for (const [namespace = "", id = ""] of names) {
      const node = { namespace, id };
      const { epoch } = await store.open(node, { owner: "o", incarnation: 1, bytesMax: LONG });
      equal(epoch, 1);
      const save = append(0, 0, [1]);
      equal(
        (await store.save(node, { owner: "o", epoch, operation: 1 }, save)).kind,
        "done",
      );
    }
  });

  on("forget() begins a new life", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, [1, 1]));
    await store.forget(NODE);
    const found = await store.open(NODE, { owner: "b", incarnation: 12, bytesMax: LONG });
    equal([found.epoch, found.incarnation, found.lastIndex], [1, 12, 0]);
    // The old process has the same epoch, and is told apart all the same.
    equal((await writer.save(append(2, 1, [1]))).kind, "fenced");
  });
}

function onSaving(on: OnRaft): void {
  on("save() cuts off what conflicts, and appends", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, [1, 1, 1, 2, 2]));
    equal(await writer.save(append(3, 1, [3])), DONE);
    equal(await terms(store), [1, 1, 1, 3]);
    equal(await writer.save(append(0, 0, [4])), DONE);
    equal(await terms(store), [4]);
  });

  on("save() takes thousands of entries at once", async ({ store }) => {
    const writer = await writerOf(store, "a");
    equal((await writer.save(append(0, 0, Array.from({ length: 3_000 }, () => 1)))).kind, "done");
    equal((await terms(store)).length, 3_000);
  });

  on("save() with nothing in it proves that the store is still one's own", async ({ store }) => {
    const writer = await writerOf(store, "a");
    const nothing = { hardState: undefined, commit: 0, append: undefined };
    equal(await writer.save(nothing), DONE);
    await store.open(NODE, { owner: "b", incarnation: 1, bytesMax: LONG });
    equal(await writer.save(nothing), { kind: "fenced", epoch: 2 });
  });

  const rules: Record<string, (writer: StoreWriter) => Promise<StoreAnswer>> = {
    "a term that decreases": (writer) => writer.vote(2, undefined),
    "another vote in a term": (writer) => writer.vote(3, "n2"),
    "a vote that is taken back": (writer) => writer.vote(3, undefined),
    "a hole": (writer) => writer.save(append(6, 3, [3])),
    "another entry before": (writer) => writer.save(append(4, 2, [3])),
    "a cut below the commit index": (writer) => writer.save(append(1, 1, [3])),
    "a commit index past the end": (writer) =>
      writer.save({ hardState: undefined, commit: 6, append: undefined }),
  };
  for (const [what, wrong] of Object.entries(rules)) {
    on(`save() refuses ${what}, and changes nothing`, async ({ store }) => {
      const writer = await writerOf(store, "a");
      await writer.vote(3, "n1");
      await writer.save({ ...append(0, 0, [1, 1, 3, 3, 3]), commit: 2 });
      const before = await stateOf(store);
      equal((await wrong(writer)).kind, "refused");
      equal(await stateOf(store), before);
      writer.operation -= 1;
      equal((await writer.save(append(5, 3, [3]))).kind, "done");
    });
  }

  on("save() takes a vote in a term that had none, and any in a later term", async ({ store }) => {
    const writer = await writerOf(store, "a");
    equal((await writer.vote(3, undefined)).kind, "done");
    equal((await writer.vote(3, "n1")).kind, "done");
    equal((await writer.vote(3, "n1")).kind, "done");
    equal((await writer.vote(4, "n2")).kind, "done");
  });
}

function onFencing(on: OnRaft): void {
  on("save() answers a second arrival like the first", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, [1, 1]));
    writer.operation -= 1;
    equal(await writer.save(append(0, 0, [1, 1])), DONE);
    equal(await terms(store), [1, 1]);
  });

  on("save() ignores a copy that comes after a later write", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, Array.from({ length: 10 }, () => 1)));
    const seventh = append(10, 1, [1]);
    await writer.save(seventh);
    await writer.save(append(11, 1, [1, 1]));
    writer.operation -= 2;
    equal(await writer.save(seventh), { kind: "late" });
    equal((await terms(store)).length, 13);
  });

  on("save() notices that the write before it is missing", async ({ store }) => {
    const writer = await writerOf(store, "a");
    writer.operation += 1;
    equal(await writer.save(append(0, 0, [1])), { kind: "gap" });
    equal(await terms(store), []);
  });

  on("save() of a process that was replaced changes nothing", async (bench) => {
    const zombie = await writerOf(bench.store, "a");
    await zombie.save(append(0, 0, [1]));
    const heir = await writerOf(await bench.peer(), "b");
    equal(await zombie.save(append(1, 1, [1])), { kind: "fenced", epoch: 2 });
    equal(await zombie.vote(9, "n9"), { kind: "fenced", epoch: 2 });
    equal((await heir.save(append(1, 1, [2]))).kind, "done");
    equal(await terms(bench.store), [1, 2]);
  });
}

function onReading(on: OnRaft): void {
  on("entries() gives a range, the first two in any case, and nothing compacted", async (bench) => {
    const { store } = bench;
    const writer = await writerOf(store, "a");
    const entries = Array.from({ length: 20 }, (_, at) => command(at + 1, 1, "x".repeat(100)));
    await writer.save({
      hardState: undefined,
      commit: 0,
      append: { prev: { index: 0, term: 0 }, entries },
    });
    const range = (from: number, to: number, bytesMax: number) =>
      store.entries(NODE, { from, to, bytesMax });
    equal(await range(5, 8, LONG), entries.slice(4, 7));
    equal((await range(5, 15, 1)).length, 2);
    equal(await range(20, 30, LONG), entries.slice(19));
    equal(await range(21, 30, LONG), []);
    await writer.snapshot(snapshotAt(10, 1), bytes("state"), { keepAfter: 8 });
    equal(await range(8, 12, LONG), []);
    equal(await range(9, 12, LONG), entries.slice(8, 11));
  });
}

/** Entries of every kind, with what may be hard to carry. */
function everyKind(): readonly Entry[] {
  const membership = {
    voters: [{ id: "n1", incarnation: 1 }, { id: "n2", incarnation: 3, isWitness: true }],
    outgoing: [],
    learners: [{ id: "é:|", incarnation: 2, meta: '{"a":1}' }],
  };
  const texts = ["", "{}", "a:b:c", "é€😀", "\0\r\n\u{feff}", "x".repeat(3_000)];
  const stamp = { session: 4, sequence: 5, acknowledged: 3 };
  const datas = [
    ...texts.map(bytes),
    Uint8Array.of(0xff, 0, 0xc3),
    Uint8Array.from({ length: 70_000 }, (_, at) => at),
  ];
  const makes: ((head: { index: number; term: number; timeMs: number }) => Entry)[] = [
    (head) => ({ kind: "membership", ...head, membership }),
    (head) => ({ kind: "blank", ...head }),
    (head) => ({ kind: "witnessed", ...head }),
    ...datas.flatMap((data) => [
      (head: { index: number; term: number; timeMs: number }): Entry => {
        return { kind: "command", ...head, data, session: undefined };
      },
      (head: { index: number; term: number; timeMs: number }): Entry => {
        return { kind: "command", ...head, data, session: stamp };
      },
    ]),
  ];
  return makes.map((make, at) => make({ index: at + 1, term: 3, timeMs: 1_700_000_000_000 + at }));
}

async function stateOf(store: RaftStore): Promise<unknown> {
  return await store.open(NODE, { owner: "a", incarnation: 1, bytesMax: LONG });
}

async function terms(store: RaftStore): Promise<number[]> {
  const entries = await store.entries(NODE, { from: 1, to: 10_000, bytesMax: LONG });
  return entries.map(({ term }) => term);
}
