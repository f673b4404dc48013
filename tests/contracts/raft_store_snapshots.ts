/**
 * What every store of nodes promises of snapshots: staged unseen, published whole, with the log cut in the same atom.
 *
 * @module
 */

import type { RaftStore } from "../../src/raft/port.ts";
import { equal } from "./assert.ts";
import {
  append,
  bytes,
  LONG,
  NODE,
  type OnRaft,
  snapshotAt,
  writerOf,
} from "./raft_store_tools.ts";

const FIVE = [1, 1, 1, 2, 2];

/** Registers the suite. */
export function raftStoreSnapshots(on: OnRaft): void {
  onOwn(on);
  onAnothers(on);
  onPieces(on);
}

function onOwn(on: OnRaft): void {
  on("publish() of one's own keeps the entries after an index", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, FIVE));
    const snapshot = snapshotAt(4, 2);
    equal(await writer.snapshot(snapshot, bytes("state"), { keepAfter: 2 }), {
      kind: "done",
      base: { index: 2, term: 1 },
      snapshotIndex: 4,
    });
    const found = await opened(store);
    equal([found.base, found.lastIndex, found.commit], [{ index: 2, term: 1 }, 5, 4]);
    equal(found.entries.map(({ index }) => index), [3, 4, 5]);
    equal(found.snapshot, snapshot);
    equal((await writer.save(append(5, 2, [2]))).kind, "done");
    equal((await writer.save(append(4, 2, [3]))).kind, "done");
    equal((await opened(store)).lastIndex, 5);
  });

  on("publish() may drop the whole log, which then goes on", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, FIVE));
    await writer.snapshot(snapshotAt(5, 2), bytes("state"), { keepAfter: 9 });
    equal((await opened(store)).base, { index: 5, term: 2 });
    equal((await writer.save(append(5, 2, [3]))).kind, "done");
    equal((await opened(store)).entries.map(({ index }) => index), [6]);
  });

  on("publish() of one's own changes nothing if a newer one is there", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, FIVE));
    await writer.snapshot(snapshotAt(5, 2), bytes("new"), { keepAfter: 3 });
    const answer = await writer.snapshot(snapshotAt(4, 2), bytes("old"), { keepAfter: 4 });
    equal(answer, { kind: "done", base: { index: 3, term: 1 }, snapshotIndex: 5 });
    equal(await content(store, 5), "new");
  });

  on("publish() refuses what is no entry of the log", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, FIVE));
    equal((await writer.snapshot(snapshotAt(4, 1), bytes("x"), { keepAfter: 2 })).kind, "refused");
    writer.operation -= 1;
    equal((await writer.snapshot(snapshotAt(9, 2), bytes("x"), { keepAfter: 2 })).kind, "refused");
  });
}

function onAnothers(on: OnRaft): void {
  on("publish() of another node's replaces the whole log", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.save(append(0, 0, FIVE));
    const answer = await writer.snapshot(snapshotAt(4, 5), bytes("state"), {
      keepAfter: undefined,
    });
    equal(answer, { kind: "done", base: { index: 4, term: 5 }, snapshotIndex: 4 });
    const found = await opened(store);
    equal([found.entries, found.lastIndex, found.commit], [[], 4, 4]);
    equal((await writer.save(append(4, 5, [5]))).kind, "done");
  });

  on("publish() of another node's refuses to go back", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.snapshot(snapshotAt(8, 2), bytes("a"), { keepAfter: undefined });
    equal(
      (await writer.snapshot(snapshotAt(8, 2), bytes("b"), { keepAfter: undefined })).kind,
      "refused",
    );
    equal(await content(store, 8), "a");
  });

  on("publish() answers a second arrival like the first", async ({ store }) => {
    const writer = await writerOf(store, "a");
    const first = await writer.snapshot(snapshotAt(8, 2), bytes("a"), { keepAfter: undefined });
    writer.operation -= 1;
    equal(await writer.publish(snapshotAt(8, 2), 1, undefined), first);
  });
}

function onPieces(on: OnRaft): void {
  on("stage() shows nothing before it is published, and then every byte", async ({ store }) => {
    const writer = await writerOf(store, "a");
    const data = Uint8Array.from({ length: 1_000 }, (_, at) => at * 7);
    await writer.snapshot(snapshotAt(3, 1), bytes("old"), { keepAfter: undefined });
    for (const offset of [0, 300, 600, 900]) {
      await writer.stage(snapshotAt(9, 1), offset, data.slice(offset, offset + 300));
      equal(await content(store, 3), "old");
    }
    equal(await store.piece(NODE, { index: 9, offset: 0, bytesMax: 10 }), undefined);
    equal((await writer.publish(snapshotAt(9, 1), 1_000, undefined)).kind, "done");
    equal(await store.piece(NODE, { index: 3, offset: 0, bytesMax: 10 }), undefined);
    for (const bytesMax of [1_000, 300, 299, 301, 700, 64]) {
      const read: number[] = [];
      for (let isLast = false; !isLast;) {
        const piece = await store.piece(NODE, { index: 9, offset: read.length, bytesMax });
        if (piece === undefined) throw new Error("the snapshot is gone");
        equal(piece.data.length, Math.min(bytesMax, 1_000 - read.length));
        read.push(...piece.data);
        isLast = piece.isLast;
      }
      equal(Uint8Array.from(read), data);
    }
  });

  on("stage() refuses a gap, another snapshot, and what was never begun", async ({ store }) => {
    const writer = await writerOf(store, "a");
    const refused = async (index: number, offset: number) => {
      equal((await writer.stage(snapshotAt(index, 1), offset, bytes("xx"))).kind, "refused");
      writer.operation -= 1;
    };
    await refused(5, 2);
    await writer.stage(snapshotAt(5, 1), 0, bytes("ab"));
    await refused(5, 4);
    await refused(6, 2);
    await writer.stage(snapshotAt(5, 1), 2, bytes("c"));
    equal((await writer.publish(snapshotAt(5, 1), 4, undefined)).kind, "refused");
    writer.operation -= 1;
    equal((await writer.publish(snapshotAt(5, 1), 3, undefined)).kind, "done");
    equal(await content(store, 5), "abc");
  });

  on("stage() begins anew at 0, and takes an empty snapshot", async ({ store }) => {
    const writer = await writerOf(store, "a");
    await writer.stage(snapshotAt(5, 1), 0, bytes("abandoned"));
    equal(
      (await writer.snapshot(snapshotAt(6, 1), bytes(""), { keepAfter: undefined })).kind,
      "done",
    );
    equal(await content(store, 6), "");
    await writer.snapshot(snapshotAt(7, 1), bytes("more"), { keepAfter: undefined, pieceBytes: 3 });
    equal(await content(store, 7), "more");
  });

  on("stage() of a process that was replaced changes nothing", async (bench) => {
    const zombie = await writerOf(bench.store, "a");
    await zombie.stage(snapshotAt(5, 1), 0, bytes("ab"));
    const heir = await writerOf(await bench.peer(), "b");
    await heir.stage(snapshotAt(6, 1), 0, bytes("cd"));
    equal((await zombie.stage(snapshotAt(5, 1), 2, bytes("ef"))).kind, "fenced");
    equal((await zombie.publish(snapshotAt(5, 1), 2, undefined)).kind, "fenced");
    equal((await heir.publish(snapshotAt(6, 1), 2, undefined)).kind, "done");
  });
}

async function opened(store: RaftStore): ReturnType<RaftStore["open"]> {
  return await store.open(NODE, { owner: "a", incarnation: 1, bytesMax: LONG });
}

async function content(store: RaftStore, index: number): Promise<string | undefined> {
  const piece = await store.piece(NODE, { index, offset: 0, bytesMax: LONG });
  return piece && new TextDecoder().decode(piece.data);
}
