import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import {
  APPEND_ENTRIES_MAX,
  createLog,
  ENTRY_BYTES_MAX,
  LOG_SNAPSHOT_BYTES_MAX,
  LogConflictError,
  type LogPosition,
  parsePosition,
  positionText,
  TrimmedError,
} from "../../../src/log/mod.ts";
import { z } from "zod";
import { logInMemory } from "./setup.ts";

Deno.test("Log.append() gives positions, and read() the events in their order", async () => {
  const { log } = logInMemory<unknown>();
  const { first, last, isRepeat } = await log.append([{ a: 1 }, "text", null, [true]]);
  deepStrictEqual([first.index, last.index, isRepeat], [1, 4, false]);
  const { entries, position, head, isSealed } = await log.read();
  deepStrictEqual(entries.map(({ event }) => event), [{ a: 1 }, "text", null, [true]]);
  deepStrictEqual([position, head, isSealed], [last, last, false]);
  deepStrictEqual(entries[0]?.position, first);
});

Deno.test("Log.append() tells a conflict with the head, and a caller may go on from there", async () => {
  const { log } = logInMemory();
  const { last } = await log.append([1]);
  const { last: head } = await log.append([2]);
  const error = await log.append([3], { expect: last }).catch((error) => error);
  ok(error instanceof LogConflictError && HoldfastError.is(error, "ERR_CONFLICT"));
  deepStrictEqual(error.head, head);
  strictEqual((await log.append([3], { expect: error.head })).last.index, 3);
});

Deno.test("Log.append() made again by its writer answers like the first time", async () => {
  const { log } = logInMemory();
  const writer = { id: "till-7", sequence: 1 };
  const first = await log.append([1, 2], { writer });
  await log.append([3]);
  deepStrictEqual(await log.append([1, 2], { writer }), { ...first, isRepeat: true });
  await log.append([4], { writer: { ...writer, sequence: 2 } });
  await rejects(log.append([1, 2], { writer }), { code: "ERR_OUTCOME_UNKNOWN" });
  await rejects(log.append([5], { writer: { id: "stranger", sequence: 9 } }), {
    code: "ERR_OUTCOME_UNKNOWN",
  });
  strictEqual((await log.read()).entries.length, 4);
});

Deno.test("Log.fence() hands the log over, and who was replaced writes nothing more", async () => {
  const { log } = logInMemory();
  await log.fence("first");
  await log.append([1], { fence: "first" });
  const taken = await log.fence("second");
  strictEqual(taken.index, 1);
  for (const fence of [undefined, "first", "third"]) {
    await rejects(log.append([9], { fence }), { code: "ERR_FENCED" });
    await rejects(log.seal({ fence }), { code: "ERR_FENCED" });
  }
  await rejects(log.fence("first"), { code: "ERR_FENCED" });
  await log.append([2], { fence: "second", expect: taken });
});

Deno.test("Log.seal() ends it for ever", async () => {
  const { log } = logInMemory();
  const { last } = await log.append([1]);
  deepStrictEqual(await log.seal(), last);
  await rejects(log.append([2]), { code: "ERR_SEALED" });
  strictEqual((await log.read()).isSealed, true);
});

Deno.test("Log.append() at a bound fails with ERR_LIMIT, and a snapshot makes room", async () => {
  const { log } = logInMemory({ entriesMax: 3 });
  const { last } = await log.append([1, 2, 3]);
  await rejects(log.append([4]), { code: "ERR_LIMIT" });
  await log.saveSnapshot({ position: last, state: 6 });
  strictEqual((await log.append([4])).last.index, 4);
  strictEqual((await logInMemory({ bytesMax: 1_024 }).log.append([1])).last.index, 1);
  await rejects(logInMemory<string>({ bytesMax: 1_024 }).log.append(["x".repeat(1_000)]), {
    code: "ERR_LIMIT",
  });
});

Deno.test("Log.append() checks events by a schema, all before any is sent", async () => {
  const schema = z.object({ sold: z.number().default(1) });
  const { log } = logInMemory({ schema });
  await log.append([{ sold: 2 }, {} as { sold: number }]);
  deepStrictEqual((await log.read()).entries.map(({ event }) => event.sold), [2, 1]);
  await rejects(log.append([{ sold: 3 }, { sold: "4" as never }]), {
    code: "ERR_INVALID_VALUE",
    issues: [{
      path: ["sold"],
      message: "Invalid input: expected number, received string",
    }],
  });
  strictEqual((await log.state()).head.index, 2);
});

Deno.test("Log.read() says where a trimmed log begins", async () => {
  const { log } = logInMemory();
  const { first, last } = await log.append([1, 2]);
  await log.append([3]);
  await log.trim({ upTo: last, isForced: true });
  const error = await log.read({ from: first }).catch((error) => error);
  ok(error instanceof TrimmedError && HoldfastError.is(error, "ERR_TRIMMED"));
  deepStrictEqual((await log.read({ from: error.start })).entries.map(({ event }) => event), [3]);
  deepStrictEqual((await log.read({ from: "start" })).entries.length, 1);
  deepStrictEqual((await log.read({ from: "end" })).entries, []);
});

Deno.test("Log.read() waits for its minIndex, and not for ever", async () => {
  const { log, clock } = logInMemory();
  await log.append([1]);
  strictEqual((await log.read({ minIndex: 1 })).head.index, 1);
  const waiting = log.read({ minIndex: 2 });
  await clock.advance(100);
  await log.append([2]);
  await clock.advance(600);
  strictEqual((await waiting).entries.length, 2);
  const failing = rejects(log.read({ minIndex: 3 }), { code: "ERR_TIMEOUT" });
  await clock.advance(6_000);
  await failing;
});

Deno.test("Log.commit() and load() keep consumers apart, and hold entries back from a trim", async () => {
  const { log } = logInMemory();
  const { first, last } = await log.append([1, 2]);
  strictEqual(await log.load("mail"), undefined);
  deepStrictEqual(await log.commit("mail", first), first);
  deepStrictEqual(await log.commit("search", last), last);
  deepStrictEqual(await log.commit("search", first), last);
  await log.saveSnapshot({ position: last, state: null });
  deepStrictEqual((await log.state()).start, first);
  await log.forget("mail");
  deepStrictEqual(await log.trim(), last);
  strictEqual(await log.load("mail"), undefined);
  deepStrictEqual(await log.load("search"), last);
});

Deno.test("Log.saveSnapshot() keeps the later state, and loadSnapshot() gives it", async () => {
  const { log } = logInMemory();
  const { first, last } = await log.append([1, 2]);
  strictEqual(await log.loadSnapshot(), undefined);
  await log.saveSnapshot({ position: last, state: { sum: 3 } });
  await rejects(log.saveSnapshot({ position: first, state: 1 }), { code: "ERR_TRIMMED" });
  deepStrictEqual(await log.loadSnapshot(), { position: last, state: { sum: 3 } });
});

Deno.test("Log.trim() drops what is old, though no snapshot has it", async () => {
  const { log, clock } = logInMemory({ ageMax: "1h" });
  await log.append([1]);
  await log.trim();
  await clock.advance(1_800_000);
  await log.append([2]);
  strictEqual((await log.trim()).index, 0);
  await clock.advance(1_800_000);
  strictEqual((await log.trim()).index, 1);
  await clock.advance(1_800_000);
  strictEqual((await log.trim()).index, 2);
});

Deno.test("Log.with() gives every call its signal", async () => {
  const { log } = logInMemory();
  const reason = new Error("enough");
  const ended = log.with({ signal: AbortSignal.abort(reason) });
  const calls = [
    () => ended.append([1]),
    () => ended.read(),
    () => ended.state(),
    () => ended.fence("f"),
    () => ended.seal(),
    () => ended.trim(),
    () => ended.load("c"),
    () => ended.loadSnapshot(),
    () => ended.tail().next(),
  ];
  for (const call of calls) await rejects(call(), (error) => error === reason);
  strictEqual((await log.state()).head.index, 0);
});

Deno.test("createLog() refuses what is no backend and no option, before any I/O", () => {
  const backend = memory();
  const options: unknown[] = [
    {},
    { name: "" },
    { name: "a b" },
    { name: "a;b" },
    { name: "x".repeat(65) },
    { name: "a", entriesMax: 0 },
    { name: "a", bytesMax: 1.5 },
    { name: "a", bytesMax: 1e9 },
    { name: "a", ageMax: "7" },
    { name: "a", nmae: "b" },
    undefined,
    "orders",
  ];
  for (const each of options) {
    throws(() => createLog(backend, each as never), { code: "ERR_INVALID_OPTION" });
  }
  for (const none of [undefined, {}, { ...backend, log: undefined }]) {
    throws(() => createLog(none as never, { name: "a" }), { code: "ERR_INVALID_ARGUMENT" });
  }
});

Deno.test("Log refuses bad arguments before anything happens, and quotes none of them", async () => {
  const { log, backend } = logInMemory<unknown>();
  let calls = 0;
  const counted = Object.fromEntries(
    Object.entries(backend.log).map(([name, method]) => [
      name,
      (...args: unknown[]) => (calls++, Reflect.apply(method, backend.log, args)),
    ]),
  );
  const watched = createLog<unknown>({ ...backend, log: counted as never }, { name: "orders" });
  const { last } = await log.append([1]);
  const circle: unknown[] = [];
  circle.push(circle);
  const cases: [string, () => Promise<unknown>][] = [
    ["ERR_LIMIT", () => watched.append([])],
    ["ERR_INVALID_ARGUMENT", () => watched.append({ a: 1 } as never)],
    ["ERR_LIMIT", () => watched.append(Array.from({ length: APPEND_ENTRIES_MAX + 1 }, () => 1))],
    ["ERR_NOT_SERIALIZABLE", () => watched.append([undefined])],
    ["ERR_NOT_SERIALIZABLE", () => watched.append([circle])],
    ["ERR_NOT_SERIALIZABLE", () => watched.append([1n])],
    ["ERR_TOO_LARGE", () => watched.append(["secret".repeat(ENTRY_BYTES_MAX)])],
    ["ERR_TOO_LARGE", () => watched.append(Array.from({ length: 5 }, () => "é".repeat(130_000)))],
    ["ERR_INVALID_CURSOR", () => watched.append([1], { expect: 3 as never })],
    ["ERR_INVALID_CURSOR", () => watched.append([1], { expect: { ...last, index: -1 } })],
    ["ERR_INVALID_CURSOR", () => watched.append([1], { expect: { ...last, tag: "a b" } })],
    ["ERR_INVALID_ARGUMENT", () => watched.append([1], { writer: { id: "a b", sequence: 1 } })],
    ["ERR_INVALID_OPTION", () => watched.append([1], { writer: { id: "secret", sequence: 0 } })],
    ["ERR_INVALID_ARGUMENT", () => watched.append([1], { fence: "" })],
    ["ERR_INVALID_ARGUMENT", () => watched.fence("")],
    ["ERR_INVALID_ARGUMENT", () => watched.fence("a;b")],
    ["ERR_INVALID_OPTION", () => watched.read({ limit: 0 })],
    ["ERR_INVALID_OPTION", () => watched.read({ limit: 1_001 })],
    ["ERR_INVALID_OPTION", () => watched.read({ minIndex: -1 })],
    ["ERR_INVALID_CURSOR", () => watched.read({ from: "secret" as never })],
    ["ERR_INVALID_CURSOR", () => watched.tail({ from: {} as never }).next()],
    ["ERR_INVALID_ARGUMENT", () => watched.trim({ isForced: true })],
    ["ERR_INVALID_ARGUMENT", () => watched.commit("", last)],
    ["ERR_INVALID_ARGUMENT", () => watched.load("a b")],
    [
      "ERR_TOO_LARGE",
      () => watched.saveSnapshot({ position: last, state: "x".repeat(LOG_SNAPSHOT_BYTES_MAX) }),
    ],
  ];
  for (const [at, [code, call]] of cases.entries()) {
    const error = await call().then(() => undefined, (error) => error);
    ok(HoldfastError.is(error), `case ${at}`);
    strictEqual(error.code, code, `case ${at}`);
    ok(!error.message.includes("secret"), error.message);
  }
  strictEqual(calls, 0);
});

Deno.test("positionText() and parsePosition() are each other's inverse, and refuse the rest", () => {
  const positions: LogPosition[] = [
    { epoch: "0", index: 0, tag: "" },
    { epoch: "aZ-_9", index: 123, tag: "t" },
  ];
  for (const position of positions) {
    deepStrictEqual(parsePosition(positionText(position)), position);
  }
  const bad = [
    "",
    "a",
    "a.b.c",
    "a.1",
    "a.01.c",
    "a.1.c.d",
    "a.9007199254740993.c",
    ".1.a",
    "a.1.%",
  ];
  for (const text of bad) throws(() => parsePosition(text), { code: "ERR_INVALID_CURSOR" });
});
