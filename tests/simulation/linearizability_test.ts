import { strictEqual } from "node:assert/strict";
import { diceFor } from "./dice.ts";
import { checkLinearizable, type Operation, type Verdict } from "./linearizability.ts";
import { type RegisterInput, registerModel, type RegisterOutput } from "./register.ts";

type History = readonly Operation<RegisterInput, RegisterOutput>[];

const UNKNOWN = undefined;

function put(value: string, calledAt: number, returnedAt?: number): History[number] {
  const output = returnedAt === undefined ? undefined : { kind: "done" } as const;
  return { calledAt, returnedAt, input: { kind: "put", value }, output };
}

function read(value: string | undefined, calledAt: number, returnedAt: number): History[number] {
  return { calledAt, returnedAt, input: { kind: "read" }, output: { kind: "value", value } };
}

function swap(
  [expected, value]: readonly [string | undefined, string],
  [calledAt, returnedAt]: readonly [number, number | undefined],
  swapped?: boolean,
): History[number] {
  const output = swapped === undefined ? undefined : { kind: "swapped", swapped } as const;
  return { calledAt, returnedAt, input: { kind: "swap", expected, value }, output };
}

function append(text: string, calledAt: number, returnedAt?: number, length = 0): History[number] {
  const output = returnedAt === undefined ? undefined : { kind: "length", length } as const;
  return { calledAt, returnedAt, input: { kind: "append", text }, output };
}

const HISTORIES: readonly (readonly [string, Verdict, History])[] = [
  ["an empty history", "linearizable", []],
  ["one after another", "linearizable", [put("a", 0, 1), read("a", 2, 3)]],
  ["a read of nothing before the first put", "linearizable", [read(undefined, 0, 1)]],
  ["a stale read", "not linearizable", [put("a", 0, 1), put("b", 2, 3), read("a", 4, 5)]],
  ["a read from nowhere", "not linearizable", [put("a", 0, 1), read("z", 2, 3)]],
  ["a concurrent read, before", "linearizable", [put("a", 0, 5), read(undefined, 1, 2)]],
  ["a concurrent read, after", "linearizable", [put("a", 0, 5), read("a", 1, 2)]],
  ["a value that is seen and then unseen", "not linearizable", [
    put("a", 0, 9),
    read("a", 1, 2),
    read(undefined, 3, 4),
  ]],
  ["two readers who disagree on the order", "not linearizable", [
    put("a", 0, 9),
    put("b", 0, 9),
    read("a", 1, 2),
    read("b", 3, 4),
    read("a", 5, 6),
  ]],
  ["an unknown put that happened late", "linearizable", [
    put("a", 0, UNKNOWN),
    read(undefined, 1, 2),
    read("a", 3, 4),
  ]],
  ["an unknown put that never happened", "linearizable", [
    put("a", 0, UNKNOWN),
    read(undefined, 1, 2),
    read(undefined, 8, 9),
  ]],
  ["an unknown put that happened before its call", "not linearizable", [
    read("a", 0, 1),
    put("a", 2, UNKNOWN),
  ]],
  ["an unknown put that happened twice", "not linearizable", [
    put("a", 0, UNKNOWN),
    read("a", 1, 2),
    put("b", 3, 4),
    read("a", 5, 6),
  ]],
  ["a swap that one of two wins", "linearizable", [
    put("a", 0, 1),
    swap(["a", "b"], [2, 5], true),
    swap(["a", "c"], [2, 5], false),
    read("b", 6, 7),
  ]],
  ["a swap that both win", "not linearizable", [
    put("a", 0, 1),
    swap(["a", "b"], [2, 5], true),
    swap(["a", "c"], [2, 5], true),
  ]],
  ["a swap that loses against nobody", "not linearizable", [
    put("a", 0, 1),
    swap(["a", "b"], [2, 5], false),
  ]],
  ["an unknown swap that explains a value", "linearizable", [
    put("a", 0, 1),
    swap(["a", "b"], [2, UNKNOWN]),
    read("b", 3, 4),
  ]],
  ["appends in either order", "linearizable", [
    append("x", 0, 5, 2),
    append("y", 0, 5, 1),
    read("yx", 6, 7),
  ]],
  ["an append that was applied twice", "not linearizable", [
    append("x", 0, 1, 1),
    read("xx", 2, 3),
  ]],
  ["an append that was lost", "not linearizable", [
    append("x", 0, 1, 1),
    append("y", 2, 3, 1),
  ]],
];

for (const [what, verdict, history] of HISTORIES) {
  Deno.test(`checkLinearizable() finds ${what} ${verdict}`, () => {
    strictEqual(checkLinearizable(history, registerModel), verdict);
  });
}

Deno.test("checkLinearizable() believes what a real register did, and not a forged answer", () => {
  for (let seed = 0; seed < 200; seed++) {
    const history = recorded(seed);
    strictEqual(checkLinearizable(history, registerModel), "linearizable", `seed ${seed}`);
    const last = Math.max(...history.map(({ returnedAt }) => returnedAt ?? 0));
    const forged = [...history, read("never written", last + 1, last + 2)];
    strictEqual(checkLinearizable(forged, registerModel), "not linearizable", `seed ${seed}`);
  }
});

Deno.test("checkLinearizable() gives up after its bound of steps", () => {
  const puts = Array.from({ length: 14 }, (_, i) => put(`v${i}`, 0, 100));
  const history = [...puts, read("never written", 101, 102)];
  strictEqual(checkLinearizable(history, registerModel, { stepsMax: 1_000 }), "undecided");
});

/** Operations that overlap, each taking effect at one instant between its call and its return. */
function recorded(seed: number): History {
  const dice = diceFor(seed, "history");
  const planned = Array.from({ length: 16 }, (_, i) => {
    const calledAt = dice.between(0, 40);
    const effectAt = calledAt + dice.between(0, 8);
    const input: RegisterInput = dice.pick<RegisterInput>([
      { kind: "read" },
      { kind: "put", value: `v${i}` },
      { kind: "append", text: `+${i}` },
      { kind: "swap", expected: `v${dice.whole(0, 16)}`, value: `s${i}` },
    ]);
    return { calledAt, effectAt, returnedAt: effectAt + dice.between(0, 8), input };
  });
  let state: string | undefined;
  return planned.sort((a, b) => a.effectAt - b.effectAt).map((operation) => {
    const answer = registerModel.run(state, operation.input);
    state = answer.state;
    const isLost = operation.input.kind !== "read" && dice.chance(0.2);
    return {
      calledAt: operation.calledAt,
      returnedAt: isLost ? undefined : operation.returnedAt,
      input: operation.input,
      output: isLost ? undefined : answer.output,
    };
  });
}
