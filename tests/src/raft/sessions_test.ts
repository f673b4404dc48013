import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  type CommandEntry,
  OPEN_SESSION,
  type SessionLimits,
  type SessionOutcome,
  type SessionStamp,
  SessionTable,
} from "../../../src/raft/core/mod.ts";
import { bytes, text } from "./test_node.ts";

/** A state machine that keeps what was executed, and answers how many that were. */
class Machine {
  readonly table: SessionTable<number>;
  readonly executed: string[] = [];
  #index = 0;

  constructor(limits: SessionLimits = {}) {
    this.table = new SessionTable(limits);
  }

  apply(command: string, session?: SessionStamp, timeMs = 0): SessionOutcome<number> {
    const head = { index: ++this.#index, term: 1, timeMs };
    const entry: CommandEntry = { kind: "command", ...head, data: bytes(command), session };
    return this.table.apply(entry, (data) => this.executed.push(text(data)));
  }

  open(timeMs = 0): number {
    const outcome = this.apply("", OPEN_SESSION, timeMs);
    return outcome.kind === "opened" ? outcome.session : -1;
  }
}

function stamp(session: number, sequence: number, acknowledged = 0): SessionStamp {
  return { session, sequence, acknowledged };
}

Deno.test("SessionTable.apply() executes a command of a session once, and answers its retry alike", () => {
  const machine = new Machine();
  const session = machine.open();
  deepStrictEqual(machine.apply("a", stamp(session, 1)), {
    kind: "executed",
    reply: 1,
    isRepeat: false,
  });
  deepStrictEqual(machine.apply("b", stamp(session, 2)), {
    kind: "executed",
    reply: 2,
    isRepeat: false,
  });
  deepStrictEqual(machine.apply("a", stamp(session, 1)), {
    kind: "executed",
    reply: 1,
    isRepeat: true,
  });
  deepStrictEqual(machine.executed, ["a", "b"]);
});

Deno.test("SessionTable.apply() executes a command without a session each time", () => {
  const machine = new Machine();
  machine.apply("a");
  machine.apply("a");
  deepStrictEqual(machine.executed, ["a", "a"]);
});

Deno.test("SessionTable.apply() takes commands of one session in any order, each once", () => {
  const machine = new Machine();
  const session = machine.open();
  for (const sequence of [3, 1, 3, 2, 1, 2]) {
    machine.apply(`c${sequence}`, stamp(session, sequence));
  }
  deepStrictEqual(machine.executed, ["c3", "c1", "c2"]);
});

Deno.test("SessionTable.apply() repeats a reply that is undefined", () => {
  const table = new SessionTable<undefined>();
  let count = 0;
  const head = { kind: "command", term: 1, timeMs: 0, data: bytes("") } as const;
  table.apply({ ...head, index: 1, session: OPEN_SESSION }, () => undefined);
  for (const index of [2, 3]) {
    table.apply({ ...head, index, session: stamp(1, 1) }, () => void count++);
  }
  strictEqual(count, 1);
});

Deno.test("SessionTable.apply() forgets replies that the client has, and never executes their commands again", () => {
  const machine = new Machine({ repliesMax: 2 });
  const session = machine.open();
  machine.apply("a", stamp(session, 1));
  machine.apply("b", stamp(session, 2));
  deepStrictEqual(machine.apply("c", stamp(session, 3)), { kind: "full" });
  machine.apply("c", stamp(session, 3, 1));
  deepStrictEqual(machine.apply("a", stamp(session, 1)), { kind: "acknowledged" });
  deepStrictEqual(machine.executed, ["a", "b", "c"]);
});

Deno.test("SessionTable.apply() refuses a command of a session that was never opened", () => {
  const machine = new Machine();
  deepStrictEqual(machine.apply("a", stamp(99, 1)), { kind: "expired" });
  deepStrictEqual(machine.executed, []);
});

Deno.test("SessionTable.apply() ends sessions that are idle by the log's time, and never takes them up again", () => {
  const machine = new Machine({ idleMs: 1_000 });
  const session = machine.open(0);
  machine.apply("a", stamp(session, 1), 999);
  machine.apply("b", stamp(session, 2), 1_998);
  deepStrictEqual(machine.apply("b", stamp(session, 2), 2_998), { kind: "expired" });
  deepStrictEqual(machine.apply("c", stamp(session, 3), 2_998), { kind: "expired" });
  deepStrictEqual([machine.executed, machine.table.size], [["a", "b"], 0]);
});

Deno.test("SessionTable.apply() ends the session that was used longest ago when there are too many", () => {
  const machine = new Machine({ sessionsMax: 2 });
  const [first, second] = [machine.open(), machine.open()];
  machine.apply("a", stamp(first, 1));
  const third = machine.open();
  deepStrictEqual(machine.apply("b", stamp(second, 1)), { kind: "expired" });
  deepStrictEqual([first, third].map((session) => machine.apply("c", stamp(session, 2)).kind), [
    "executed",
    "executed",
  ]);
  strictEqual(machine.table.size, 2);
});

Deno.test("SessionTable.apply() opens a second session for a second request, which no command confuses", () => {
  const machine = new Machine();
  const [one, two] = [machine.open(), machine.open()];
  machine.apply("a", stamp(one, 1));
  machine.apply("a", stamp(two, 1));
  deepStrictEqual([one, two, machine.executed], [1, 2, ["a", "a"]]);
});

Deno.test("SessionTable() refuses bounds below one", () => {
  for (const limits of [{ sessionsMax: 0 }, { repliesMax: 0 }, { idleMs: -1 }, { idleMs: NaN }]) {
    throws(() => new SessionTable(limits), { code: "ERR_INVALID_OPTION" });
  }
});

Deno.test("SessionTable.restore() goes on as if nothing had happened, whatever came before and comes after", () => {
  const command = fc.record({
    session: fc.nat(6),
    sequence: fc.integer({ min: 1, max: 5 }),
    acknowledged: fc.nat(3),
    passedMs: fc.nat(400),
  });
  const limits = { sessionsMax: 3, repliesMax: 3, idleMs: 1_000 };
  fc.assert(fc.property(fc.array(command), fc.array(command), (before, after) => {
    const whole = new SessionTable<string>(limits);
    let index = 0;
    let timeMs = 0;
    const apply = (
      tables: readonly SessionTable<string>[],
      { passedMs, ...session }: typeof before[number],
    ) => {
      index++;
      timeMs += passedMs;
      const entry: CommandEntry = {
        kind: "command",
        index,
        term: 1,
        timeMs,
        data: bytes(""),
        session,
      };
      return tables.map((table) => table.apply(entry, () => `reply of ${index}`));
    };
    for (const one of before) apply([whole], one);
    const restored = new SessionTable<string>(limits);
    restored.restore(JSON.parse(JSON.stringify(whole.save())));
    for (const one of after) {
      const [expected, actual] = apply([whole, restored], one);
      deepStrictEqual(actual, expected);
    }
    deepStrictEqual(restored.save(), whole.save());
  }));
});
