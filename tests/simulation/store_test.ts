import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Entry, SaveWrite } from "../../src/raft/core/mod.ts";
import { diceFor } from "./dice.ts";
import { FAULTLESS_STORE, SimulatedStore, type StoreFaults, type StoreReply } from "./store.ts";
import {
  EMPTY_STORE,
  openStore,
  type StoreAnswer,
  type StorePart,
  type StoreState,
  writeStore,
} from "./store_state.ts";
import { VirtualTime } from "./virtual_time.ts";

function entries(from: number, ...terms: number[]): Entry[] {
  return terms.map((term, i) => ({ kind: "blank", index: from + i, term, timeMs: 0 }));
}

function append(prevIndex: number, prevTerm: number, ...terms: number[]): SaveWrite {
  return {
    kind: "save",
    sequence: 1,
    hardState: undefined,
    commit: 0,
    append: {
      prev: { index: prevIndex, term: prevTerm },
      entries: entries(prevIndex + 1, ...terms),
    },
  };
}

function vote(term: number, candidate: string | undefined, commit = 0): SaveWrite {
  return {
    kind: "save",
    sequence: 1,
    hardState: { term, vote: candidate },
    commit,
    append: undefined,
  };
}

/** The state after these operations of process "p", each of which must succeed. */
function stored(...operations: readonly (readonly StorePart[])[]): StoreState {
  return operations.reduce((state, parts) => {
    const next = writeStore(state, operation(state, parts));
    strictEqual(next.answer.kind, "ok");
    return next.state;
  }, openStore(EMPTY_STORE, "p"));
}

function operation({ owner, epoch, operation: number }: StoreState, parts: readonly StorePart[]) {
  return { owner, epoch, number: number + 1, parts };
}

function answerTo(state: StoreState, ...parts: readonly StorePart[]): StoreAnswer {
  const written = writeStore(state, operation(state, parts));
  if (written.answer.kind !== "ok") strictEqual(written.state, state);
  return written.answer;
}

function terms(state: StoreState): string {
  return state.entries.map(({ term }) => term).join();
}

Deno.test("writeStore() cuts off and appends in one write", () => {
  const state = stored([append(0, 0, 1, 1, 2)], [vote(3, "n1"), append(1, 1, 3)]);
  strictEqual(terms(state), "1,3");
  deepStrictEqual(state.hardState, { term: 3, vote: "n1" });
});

Deno.test("writeStore() answers a second copy like the first, and changes nothing", () => {
  const before = stored([append(0, 0, 1)]);
  const again = writeStore(before, { ...operation(before, [append(0, 0, 1)]), number: 1 });
  strictEqual(again.answer.kind, "ok");
  strictEqual(again.state, before);
});

Deno.test("writeStore() ignores a copy that was overtaken", () => {
  const before = stored([append(0, 0, 1)], [append(1, 1, 1, 1)]);
  const late = writeStore(before, { ...operation(before, [append(0, 0, 1)]), number: 1 });
  strictEqual(late.answer.kind, "late");
  strictEqual(terms(late.state), "1,1,1");
});

Deno.test("writeStore() notices that the write before is missing", () => {
  const before = stored([append(0, 0, 1)]);
  const gap = writeStore(before, { ...operation(before, [append(1, 1, 1)]), number: 3 });
  strictEqual(gap.answer.kind, "gap");
});

Deno.test("writeStore() fences off who was replaced, also after a wipe", () => {
  const mine = stored([append(0, 0, 1)]);
  const write = operation(mine, [append(1, 1, 1)]);
  deepStrictEqual(writeStore(openStore(mine, "q"), write).answer, { kind: "fenced", epoch: 2 });
  deepStrictEqual(writeStore(openStore(EMPTY_STORE, "q"), write).answer, {
    kind: "fenced",
    epoch: 1,
  });
});

const RULES: readonly (readonly [rule: RegExp, before: StoreState, part: StorePart])[] = [
  [/term never decreases/, stored([vote(3, undefined)]), vote(2, "n1")],
  [/vote never changes/, stored([vote(3, "n1")]), vote(3, "n2")],
  [/vote never changes within a term/, stored([vote(3, "n1")]), vote(3, undefined)],
  [/no holes/, stored([append(0, 0, 1)]), append(2, 1, 1)],
  [/has term 1, not 2/, stored([append(0, 0, 1)]), append(1, 2, 2)],
  [/below the commit index/, stored([append(0, 0, 1, 1)], [vote(1, "n1", 2)]), append(1, 1, 2)],
  [/terms of entries never decrease/, stored([append(0, 0, 2)]), append(1, 2, 1)],
  [/commit index is at most the last/, stored([append(0, 0, 1)]), vote(1, "n1", 2)],
];

for (const [rule, before, part] of RULES) {
  Deno.test(`writeStore() refuses what breaks the rule ${rule}`, () => {
    const answer = answerTo(before, part);
    ok(answer.kind === "refused" && rule.test(answer.rule), JSON.stringify(answer));
  });
}

const MEMBERSHIP = { voters: [], outgoing: [], learners: [] };

function piece(index: number, offset: number, length: number): StorePart {
  const snapshot = { index, term: 2, membership: MEMBERSHIP, timeMs: 0 };
  return { kind: "stage", sequence: 1, snapshot, offset, data: new Uint8Array(length) };
}

function install(index: number, sizeBytes: number): StorePart {
  const snapshot = { index, term: 2, membership: MEMBERSHIP, timeMs: 0 };
  return { kind: "install", sequence: 1, snapshot, sizeBytes };
}

Deno.test("writeStore() installs a snapshot that is complete, in place of the whole log", () => {
  const state = stored([append(0, 0, 1, 1)], [piece(9, 0, 4)], [piece(9, 4, 2)], [install(9, 6)]);
  strictEqual(terms(state), "");
  deepStrictEqual([state.base, state.commit], [{ index: 9, term: 2 }, 9]);
  strictEqual(state.snapshot?.data.length, 6);
});

Deno.test("writeStore() never mixes pieces, nor installs what is not complete", () => {
  const staged = stored([piece(9, 0, 4)]);
  strictEqual(answerTo(staged, piece(8, 4, 2)).kind, "refused");
  strictEqual(answerTo(staged, piece(9, 5, 2)).kind, "refused");
  strictEqual(answerTo(staged, install(9, 6)).kind, "refused");
  strictEqual(answerTo(staged, install(8, 4)).kind, "refused");
});

function makeStore(faults: Partial<StoreFaults> = {}) {
  const time = new VirtualTime();
  const durable: number[] = [];
  const store: SimulatedStore = new SimulatedStore(
    time,
    diceFor(1, "store"),
    { ...FAULTLESS_STORE, ...faults },
    (state) => durable.push(state.operation),
  );
  const runAll = () => {
    while (time.step(Infinity));
  };
  store.open("p", () => {});
  runAll();
  const replies: StoreReply["kind"][] = [];
  const write = (number: number, part: StorePart) =>
    store.write({ owner: "p", epoch: 1, number, parts: [part] }, ({ kind }) => replies.push(kind));
  return { time, store, durable, replies, write, runAll };
}

Deno.test("SimulatedStore.write() answers only once the write is durable", () => {
  const { store, replies, write, runAll, durable } = makeStore({ syncMeanMs: 5 });
  let durableAtAnswer = 0;
  write(1, append(0, 0, 1));
  store.write(
    { owner: "p", epoch: 1, number: 2, parts: [append(1, 1, 1)] },
    () => durableAtAnswer = store.durable.operation,
  );
  strictEqual(store.durable.operation, 0);
  runAll();
  deepStrictEqual(replies, ["ok"]);
  strictEqual(durableAtAnswer, 2);
  deepStrictEqual(durable, [0, 1, 2]);
});

Deno.test("SimulatedStore.loseUnsynced() loses what is not durable, with its answers", () => {
  for (let seed = 0; seed < 20; seed++) {
    const { time, store, replies, write, runAll } = makeStore({ syncMeanMs: 1_000 });
    for (let number = 1; number <= 8; number++) {
      write(number, append(number - 1, number === 1 ? 0 : 1, 1));
    }
    while (time.step(time.nowMs + seed * 100));
    const answered = replies.length;
    const before = store.durable.operation;
    store.loseUnsynced();
    ok(store.durable.operation >= before);
    ok(answered <= store.durable.operation);
    const after = store.durable.operation;
    runAll();
    strictEqual(store.durable.operation, after);
  }
});

Deno.test("SimulatedStore.goAway() refuses every request for a while", () => {
  const { time, store, replies, write, runAll } = makeStore();
  store.goAway(50);
  write(1, append(0, 0, 1));
  runAll();
  deepStrictEqual(replies, ["unavailable"]);
  time.after(60, () => write(1, append(0, 0, 1)));
  runAll();
  deepStrictEqual(replies, ["unavailable", "ok"]);
});

Deno.test("SimulatedStore.rollBack() goes back, so that the next write finds a gap", () => {
  const { store, replies, write, runAll } = makeStore();
  for (let number = 1; number <= 4; number++) {
    write(number, append(number - 1, number === 1 ? 0 : 1, 1));
    runAll();
  }
  strictEqual(store.rollBack(2), true);
  strictEqual(store.durable.operation, 2);
  write(5, append(4, 1, 1));
  runAll();
  strictEqual(replies.at(-1), "gap");
  strictEqual(makeStore().store.rollBack(2), false);
});

Deno.test("SimulatedStore.write() may lose and double answers, and send copies later, and changes no more", () => {
  const { store, write, runAll, replies } = makeStore({
    travelMeanMs: 1,
    loseAnswer: 0.3,
    doubleAnswer: 0.3,
    delayedCopy: 0.5,
    delayedCopyMs: 500,
  });
  for (let number = 1; number <= 200; number++) {
    write(number, append(number - 1, number === 1 ? 0 : 1, 1));
    for (let i = 0; i < 12; i++) write(number, append(number - 1, number === 1 ? 0 : 1, 1));
    runAll();
  }
  strictEqual(store.durable.entries.length, 200);
  ok(replies.every((kind) => kind === "ok" || kind === "late"), replies.join());
});
