import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type Answer,
  newQueue,
  type NewWrite,
  type QueueEffect,
  type QueueEvent,
  type QueueState,
} from "../../../../src/sync/client/queue.ts";
import { CONFLICTS_MAX, IDS_MAX } from "../../../../src/sync/client/queue_answer.ts";
import { stepQueue } from "../../../../src/sync/client/queue_state.ts";
import { HELD_MAX, Replica } from "../../../../src/sync/client/replica.ts";

const BASE = { model: "Todo", isPatch: false, base: undefined, isChecked: false } as const;

function put(id: number | string | undefined, data: NewWrite["data"] = {}): NewWrite {
  return { ...BASE, verb: "upsert", id, data };
}

function patch(id: number | string, data: NewWrite["data"]): NewWrite {
  return { ...put(id, data), isPatch: true };
}

function drop(id: number | string): NewWrite {
  return { ...BASE, verb: "delete", id, data: {} };
}

/** Goes through events. Gives the state, and all effects. */
function run(
  events: readonly QueueEvent[],
  state: QueueState = { ...newQueue(), client: "c" },
): { readonly state: QueueState; readonly effects: readonly QueueEffect[] } {
  const effects: QueueEffect[] = [];
  for (const event of events) {
    const step = stepQueue(state, event);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}

function written(...writes: readonly NewWrite[]): QueueEvent[] {
  return writes.map((write) => ({ kind: "write", write }));
}

/** What waits, in short: what is done to which record. */
function short({ entries }: QueueState): readonly string[] {
  return entries.map(({ verb, id, data, isPatch }) =>
    `${isPatch ? "patch" : verb} ${id} ${JSON.stringify(data)}`
  );
}

const JOINS: readonly (readonly [string, readonly NewWrite[], readonly string[]])[] = [
  ["two of one record", [put(1, { a: 1 }), put(1, { b: 2 })], [`upsert 1 {"b":2}`]],
  ["a patch on a record", [put(1, { a: 1 }), patch(1, { b: 2 })], [`upsert 1 {"a":1,"b":2}`]],
  ["two patches", [patch(1, { a: 1, b: 1 }), patch(1, { b: 2 })], [`patch 1 {"a":1,"b":2}`]],
  ["a record on a patch", [patch(1, { a: 1 }), put(1, { b: 2 })], [`upsert 1 {"b":2}`]],
  ["a deletion of a record", [put(1, { a: 1 }), drop(1)], ["delete 1 {}"]],
  ["a record on a deletion", [drop(1), put(1, { a: 1 })], ["delete 1 {}", `upsert 1 {"a":1}`]],
  ["a creation and its deletion", [put(undefined), drop("c.1")], []],
  [
    "a creation, what came between, and its deletion",
    [put(undefined), put(2), patch("c.1", { a: 1 }), drop("c.1")],
    ["upsert 2 {}"],
  ],
  [
    "a creation that another names",
    [put(undefined), put(2, { of: ["c.1"] }), drop("c.1")],
    ["upsert c.1 {}", `upsert 2 {"of":["c.1"]}`, "delete c.1 {}"],
  ],
  [
    "two of one record with one of another between, which may want its unique value",
    [put(1, { name: "b" }), put(2, { name: "a" }), put(1, { name: "c" })],
    [`upsert 1 {"name":"b"}`, `upsert 2 {"name":"a"}`, `upsert 1 {"name":"c"}`],
  ],
  [
    "two of one record with one of another model between",
    [put(1, { a: 1 }), { ...put(1), model: "Note" }, put(1, { a: 2 })],
    [`upsert 1 {"a":2}`, "upsert 1 {}"],
  ],
  [
    "one that names a creation behind it",
    [put(1), { ...put(undefined), model: "Note" }, put(1, { note: "c.2" })],
    ["upsert 1 {}", "upsert c.2 {}", `upsert 1 {"note":"c.2"}`],
  ],
];

for (const [name, writes, expected] of JOINS) {
  Deno.test(`stepQueue() joins, or leaves as it is: ${name}`, () => {
    deepStrictEqual(short(run(written(...writes)).state), expected);
  });
}

Deno.test("stepQueue() keeps before it sends, one write of each model", () => {
  const note = { ...put(undefined), model: "Note" };
  const { effects } = run([...written(put(undefined), put(undefined), note), { kind: "online" }]);
  const sent = effects.slice(-3).map((effect) =>
    effect.kind === "send" ? `send ${effect.entry.model} ${effect.entry.tx}` : effect.kind
  );
  deepStrictEqual(sent, ["save", "send Todo c.4/1", "send Note c.5/1"]);
});

Deno.test("stepQueue() goes on in a source only once the server has acknowledged it", () => {
  const txs: (string | undefined)[] = [];
  let { state } = run([{ kind: "online" }]);
  const answers: readonly Answer["kind"][] = [
    "refused",
    "refused",
    "done",
    "done",
    "refused",
    "done",
  ];
  for (const [at, kind] of answers.entries()) {
    state = run(written(put(at)), state).state;
    const [{ tx } = { tx: "" }] = state.entries;
    txs.push(tx);
    const answer = kind === "done"
      ? { kind, record: { id: at }, seq: at } as const
      : { kind: "refused" } as const;
    state = run([{ kind: "answer", tx: tx ?? "", answer }], state).state;
  }
  const [first, second, third, ...more] = txs.map((tx) => tx?.split("/"));
  deepStrictEqual([first?.[1], second?.[1], third?.[1]], ["1", "1", "1"]);
  strictEqual(new Set([first?.[0], second?.[0], third?.[0]]).size, 3);
  deepStrictEqual(more, [[third?.[0], "2"], [third?.[0], "3"], [third?.[0], "4"]]);
});

Deno.test("stepQueue() gives a write up after so many conflicts", () => {
  let { state } = run([...written(put(1)), { kind: "online" }]);
  const settled: QueueEffect[] = [];
  for (let conflicts = 0; state.entries.length > 0; conflicts++) {
    ok(conflicts <= CONFLICTS_MAX);
    const [{ tx } = { tx: "" }] = state.entries;
    const answer = { kind: "conflict", current: undefined, resolution: { conflicts } } as const;
    const step = run([{ kind: "answer", tx: tx ?? "", answer }], state);
    state = step.state;
    settled.push(...step.effects.filter(({ kind }) => kind === "settle"));
  }
  deepStrictEqual(
    settled.map((effect) =>
      effect.kind === "settle" && [effect.entry.conflicts, effect.outcome.kind]
    ),
    [[CONFLICTS_MAX, "refused"]],
  );
});

Deno.test("stepQueue() remembers so many temporary ids, the last ones", () => {
  let { state } = run([{ kind: "online" }]);
  for (let at = 1; at <= IDS_MAX + 5; at++) {
    state = run(written(put(undefined)), state).state;
    const [{ tx } = { tx: "" }] = state.entries;
    const answer = { kind: "done", record: { id: at }, seq: at } as const;
    state = run([{ kind: "answer", tx: tx ?? "", answer }], state).state;
  }
  strictEqual(state.ids.size, IDS_MAX);
  deepStrictEqual([...state.ids.values()].slice(-1), [IDS_MAX + 5]);
});

Deno.test("Replica holds back so many events, and asks for the rest afterwards", () => {
  const replica = new Replica();
  replica.step({ kind: "named", client: "c" });
  replica.step({ kind: "write", write: put(undefined) });
  replica.step({ kind: "online" });
  for (let seq = 1; seq <= HELD_MAX + 5; seq++) {
    const record = { id: seq, $version: `${seq}-a` };
    const event = { kind: "event", id: seq, record, seq, cursor: String(seq) } as const;
    deepStrictEqual(replica.step({ kind: "feed", model: "Todo", event }), []);
  }
  const [{ tx } = { tx: "" }] = replica.entries;
  const answer = { kind: "refused" } as const;
  const effects = replica.step({ kind: "answer", tx: tx ?? "", answer });
  strictEqual(replica.all("Todo").length, HELD_MAX);
  deepStrictEqual(effects.at(-1), { kind: "resubscribe", model: "Todo" });
});
