/** @module */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Op } from "../../../../src/documents/change.ts";
import type { ReadResult, Snapshot, SubmitResult } from "../../../../src/documents/core.ts";
import type { Effect } from "../../../../src/documents/protocol/effects.ts";
import { CONNECTION_LIMITS, HELD_OPS_MAX } from "../../../../src/documents/protocol/limits.ts";
import { parseClientMessage } from "../../../../src/documents/protocol/parse.ts";
import { Session } from "../../../../src/documents/protocol/session.ts";
import type { Task } from "../../../../src/documents/protocol/tasks.ts";

const FIDO = { c: "dogs", d: "fido" };
const EPOCH = "1000-a.b";

/** A session that has shaken hands, and what it wants done and sent. */
class Bench {
  readonly sent: string[] = [];
  readonly tasks: Task[] = [];
  readonly session: Session;

  constructor({ isOurs = false, epochs = [] as [string, string[]][], isAll = true } = {}) {
    this.session = new Session({
      source: "me",
      defaultType: "json",
      limits: CONNECTION_LIMITS,
    });
    this.say({ a: "hs", ...isOurs && { holdfast: 1 } });
    const sent = { isAll, epochs: new Map(epochs) };
    const identity = { id: "me.code", source: "me", givenAtMs: 500, sent };
    this.finish({ kind: "greeted", identity });
    this.sent.length = 0;
  }

  say(message: unknown): void {
    this.take(this.session.receive(parseClientMessage(message, 100)));
  }

  /** The oldest task comes to this. */
  finish(outcome: Parameters<Session["finish"]>[1]): void {
    const task = this.tasks.shift();
    if (task !== undefined) this.take(this.session.finish(task, outcome));
  }

  hear(...versions: number[]): void {
    const event = {
      kind: "ops" as const,
      id: "fido",
      epoch: EPOCH,
      ops: versions.map((v) => op(v)),
    };
    this.take(this.session.hear("dogs", event));
  }

  take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === "start") this.tasks.push(effect.task);
      if (effect.kind === "sendOp") {
        this.sent.push(`op ${effect.op.version} of ${effect.op.source}`);
      }
      if (effect.kind === "send") this.sent.push(shown(effect.message));
      if (effect.kind === "close") this.sent.push(`close ${effect.close.code}`);
    }
  }
}

function shown(message: object): string {
  const { a, v, data, del, op, error }: Record<string, unknown> = { ...message };
  const isDel = del === true ? " del" : "";
  const isOp = op !== undefined ? " op" : "";
  const code = error === undefined ? "" : ` ${(error as { readonly code: string }).code}`;
  const at = v ?? (data as { readonly v?: number } | undefined)?.v;
  return `${a}${at === undefined ? "" : ` ${at}`}${isDel}${isOp}${code}`;
}

function op(version: number, source = "other"): Op {
  const tag = `t${version}`;
  return { kind: "op", op: [], version, source, sequence: version, tag, atMs: 0 };
}

function ops(from: number, to: number, epoch = EPOCH): ReadResult {
  const some = Array.from({ length: to - from }, (_, index) => op(from + index));
  return { kind: "ops", ops: some, head: { epoch, version: to, tag: `t${to - 1}` } };
}

function snapshot(version: number, reason?: "foreign" | "trimmed", epoch = EPOCH): ReadResult {
  const meta = { createdAtMs: 0, changedAtMs: 0 };
  const found: Snapshot = {
    collection: "dogs",
    id: "fido",
    epoch,
    version,
    tag: `t${version - 1}`,
    type: "json",
    data: {},
    meta,
  };
  return { kind: "snapshot", snapshot: found, reason };
}

function committed(version: number, missed: readonly Op[] = []): SubmitResult {
  const done = { ...op(version, "me"), sequence: 1 };
  return { kind: "committed", op: done, epoch: EPOCH, missed, fixup: undefined };
}

Deno.test("Session holds what the stream tells while a subscription is read, and leaves out what it had", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO });
  bench.hear(3, 4, 5);
  deepStrictEqual(bench.sent, []);
  bench.finish({ kind: "read", results: [snapshot(5)] });
  deepStrictEqual(bench.sent, ["s 5", "op 5 of other"]);
});

Deno.test("Session sends each operation once, whatever order and doubles it comes in", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO });
  bench.finish({ kind: "read", results: [snapshot(3)] });
  bench.hear(3);
  bench.hear(3);
  bench.hear(5);
  // A gap: it reads, and holds what comes meanwhile.
  bench.hear(6);
  bench.finish({ kind: "read", results: [ops(4, 6)] });
  deepStrictEqual(bench.sent.slice(1), [3, 4, 5, 6].map((v) => `op ${v} of other`));
});

Deno.test("Session acknowledges its own operation before what follows it in the stream", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO });
  bench.finish({ kind: "read", results: [snapshot(3)] });
  bench.say({ a: "op", ...FIDO, v: 3, seq: 1, op: [] });
  bench.hear(3);
  const event = { kind: "ops" as const, id: "fido", epoch: EPOCH };
  bench.take(bench.session.hear("dogs", { ...event, ops: [{ ...op(4, "me"), sequence: 1 }] }));
  bench.hear(5);
  deepStrictEqual(bench.sent.slice(1), ["op 3 of other"]);
  bench.finish({ kind: "submitted", result: committed(4, [op(3)]) });
  deepStrictEqual(bench.sent.slice(2), ["op 4", "op 5 of other"]);
});

Deno.test("Session sends what was missed before an acknowledgement, and not again from the stream", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO });
  bench.finish({ kind: "read", results: [snapshot(3)] });
  bench.say({ a: "op", ...FIDO, v: 3, seq: 1, op: [] });
  bench.finish({ kind: "submitted", result: committed(5, [op(3), op(4)]) });
  bench.hear(3, 4);
  const own = [{ ...op(5, "me"), sequence: 1 }];
  bench.take(bench.session.hear("dogs", { kind: "ops", id: "fido", epoch: EPOCH, ops: own }));
  bench.hear(6);
  deepStrictEqual(bench.sent.slice(1), [
    "op 3 of other",
    "op 4 of other",
    "op 5",
    "op 6 of other",
  ]);
});

Deno.test("Session tells an operation of its own that it refused, once it is committed all the same", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO });
  bench.finish({ kind: "read", results: [snapshot(3)] });
  bench.say({ a: "op", ...FIDO, v: 3, seq: 1, op: [] });
  const own = [{ ...op(3, "me"), sequence: 1 }];
  bench.take(bench.session.hear("dogs", { kind: "ops", id: "fido", epoch: EPOCH, ops: own }));
  bench.finish({ kind: "failed", error: { code: "ERR_UNAVAILABLE", message: "" } });
  deepStrictEqual(bench.sent.slice(1), ["op 3 ERR_UNAVAILABLE", "op 3 of me"]);
});

Deno.test("Session reads again what was too much to hold", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO });
  bench.hear(...Array.from({ length: HELD_OPS_MAX + 1 }, (_, index) => 3 + index));
  bench.finish({ kind: "read", results: [snapshot(3)] });
  deepStrictEqual(bench.sent, ["s 3"]);
  strictEqual(bench.tasks[0]?.kind, "read");
  bench.finish({ kind: "read", results: [ops(3, 6)] });
  deepStrictEqual(bench.sent.slice(1), [3, 4, 5].map((v) => `op ${v} of other`));
});

Deno.test("Session leaves operations out for a slow reader, and reads them when it has caught up", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO });
  bench.finish({ kind: "read", results: [snapshot(3)] });
  bench.take(bench.session.pause(true));
  bench.hear(3);
  bench.hear(4);
  deepStrictEqual([bench.sent, bench.tasks], [["s 3"], []]);
  bench.take(bench.session.pause(false));
  bench.finish({ kind: "read", results: [ops(3, 5)] });
  bench.hear(5);
  deepStrictEqual(bench.sent.slice(1), [3, 4, 5].map((v) => `op ${v} of other`));
});

Deno.test("Session makes an unmodified client forget what cannot be continued, and answers what it still sends so", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO, v: 9 });
  bench.finish({ kind: "read", results: [snapshot(3, "trimmed")] });
  deepStrictEqual(bench.sent, ["op 9 del", "op 10 op", "s"]);
  bench.say({ a: "op", ...FIDO, v: 9, seq: 4, op: [] });
  deepStrictEqual([bench.sent[3], bench.tasks], ["op 9 del", []]);
  bench.say({ a: "f", ...FIDO });
  bench.finish({ kind: "read", results: [snapshot(3)] });
  bench.hear(3);
  deepStrictEqual(bench.sent.slice(4), ["f 3", "op 3 of other"]);
});

Deno.test("Session answers our own client with the whole document, and says why", () => {
  const bench = new Bench({ isOurs: true });
  const said: unknown[] = [];
  bench.say({ a: "s", ...FIDO, v: 9, e: "2-x.y", g: "t", n: 1 });
  const task = bench.tasks.shift();
  if (task === undefined) throw new Error("Nothing to do");
  const results = [snapshot(3, "foreign")];
  for (const effect of bench.session.finish(task, { kind: "read", results })) {
    if (effect.kind === "send") said.push(effect.message);
  }
  deepStrictEqual(
    said,
    [{
      a: "s",
      ...FIDO,
      n: 1,
      data: { v: 3, data: {}, k: "foreign", e: EPOCH, g: "t2", type: null },
    }].map((message) => ({
      ...message,
      data: { v: 3, data: {}, k: "foreign", e: EPOCH, g: "t2" },
    })),
  );
});

Deno.test("Session takes nothing for continued that an id was sent of another life of the data", () => {
  const known: [string, string[]][] = [["dogs", ["900-z"]]];
  for (
    const [what, bench] of [
      ["sent by this process", new Bench({ epochs: known })],
      ["sent by another one, maybe", new Bench({ isAll: false })],
    ] as const
  ) {
    bench.say({ a: "s", ...FIDO, v: 2 });
    bench.finish({ kind: "read", results: [ops(2, 4)] });
    deepStrictEqual(bench.sent, ["op 2 del", "op 3 op", "s"], what);
    strictEqual(bench.session.isStale("dogs", EPOCH, 2), true, what);
  }
  const fresh = new Bench();
  fresh.say({ a: "s", ...FIDO, v: 2 });
  fresh.finish({ kind: "read", results: [ops(2, 4)] });
  deepStrictEqual(fresh.sent, ["op 2 of other", "op 3 of other", "s"]);
});

Deno.test("Session tells the heads of what changed, once, to our own clients alone", () => {
  const bench = new Bench({ isOurs: true });
  bench.say({ a: "s", ...FIDO });
  bench.finish({ kind: "read", results: [snapshot(3)] });
  bench.hear(3);
  const beat = (): unknown[] =>
    bench.session.beat().map((effect) => effect.kind === "send" && effect.message);
  deepStrictEqual(beat(), [{ a: "hb", b: { dogs: { fido: [4, EPOCH] } } }]);
  deepStrictEqual(beat(), [{ a: "hb" }]);
  deepStrictEqual(new Bench().session.beat(), []);
});

Deno.test("Session ends what it can no longer follow, and parts from everything when it is closed", () => {
  const bench = new Bench();
  bench.say({ a: "s", ...FIDO });
  bench.finish({ kind: "read", results: [snapshot(3)] });
  bench.hear(7);
  bench.finish({ kind: "failed", error: { code: "ERR_UNAVAILABLE", message: "" } });
  deepStrictEqual(bench.sent.slice(1), ["close 4500"]);
  deepStrictEqual(bench.session.close(), [{ kind: "part", collection: "dogs", ids: ["fido"] }]);
  deepStrictEqual(bench.session.close(), []);
});
