/** @module */
// deno-lint-ignore-file no-console

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { type Random, randomInteger, seededRandom } from "../../../../src/random.ts";
import { json } from "../../../../src/ot/mod.ts";
import { RateGauge } from "../../../../src/documents/protocol/gauge.ts";
import { CONNECTION_LIMITS } from "../../../../src/documents/protocol/limits.ts";
import { RawClient, testServer, type Told } from "../../../support/documents/server.ts";

const FIDO = { c: "dogs", d: "fido" };
const SEED = Number(Deno.env.get("SEED") ?? Date.now() % 2 ** 31);
const MESSAGES = 10_000;
const UNLIMITED = { messagesPerSecondMax: 1e6, messagesBurstMax: 1e6, requestsMax: 1e6 };

function codeOf({ error }: Told): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** A server with dogs/fido at version 1, who made it, and somebody hostile. */
async function besieged() {
  const server = testServer(memory(), { limits: UNLIMITED });
  const owner = await RawClient.greeted(server);
  const create = { type: json.uri, data: { n: 1, l: [1, 2] } };
  await owner.ask({ a: "op", ...FIDO, v: 0, seq: 1, create });
  const enemy = await RawClient.greeted(server);
  await enemy.ask({ a: "f", ...FIDO });
  return { server, owner, enemy };
}

const REFUSED: readonly (readonly [what: string, code: string, message: Told])[] = [
  ["no action", "ERR_MESSAGE_BADLY_FORMED", {}],
  ["an action of nobody", "ERR_MESSAGE_BADLY_FORMED", { a: "zz" }],
  ["an inherited action", "ERR_MESSAGE_BADLY_FORMED", { a: "toString" }],
  ["no collection", "ERR_MESSAGE_BADLY_FORMED", { a: "f", d: "fido" }],
  ["a number for an id", "ERR_MESSAGE_BADLY_FORMED", { a: "f", c: "dogs", d: 7 }],
  ["an empty id", "ERR_INVALID_ID", { a: "f", c: "dogs", d: "" }],
  ["the id __proto__", "ERR_INVALID_ID", { a: "f", c: "dogs", d: "__proto__" }],
  ["the collection constructor", "ERR_INVALID_ID", { a: "s", c: "constructor", d: "x" }],
  ["half a character", "ERR_INVALID_ID", { a: "f", c: "dogs", d: "\ud800" }],
  ["an id too long", "ERR_INVALID_ID", { a: "f", c: "dogs", d: "x".repeat(257) }],
  ["a version below 0", "ERR_MESSAGE_BADLY_FORMED", { a: "s", ...FIDO, v: -1 }],
  ["half a version", "ERR_MESSAGE_BADLY_FORMED", { a: "f", ...FIDO, v: 0.5 }],
  ["no sequence", "ERR_MESSAGE_BADLY_FORMED", { a: "op", ...FIDO, v: 1, op: [] }],
  ["ids that are none", "ERR_MESSAGE_BADLY_FORMED", { a: "bf", c: "dogs", b: [1] }],
  ["a text for ids", "ERR_MESSAGE_BADLY_FORMED", { a: "bs", c: "dogs", b: "fido" }],
  ["too many ids", "ERR_LIMIT", {
    a: "bf",
    c: "dogs",
    b: Array.from({ length: 1_001 }, (_, id) => `${id}`),
  }],
  ["nothing to be done", "ERR_OP_MALFORMED", { a: "op", ...FIDO, v: 1, seq: 1 }],
  ["two things to be done", "ERR_OP_MALFORMED", {
    a: "op",
    ...FIDO,
    v: 1,
    seq: 1,
    op: [],
    del: true,
  }],
  ["a deletion that is none", "ERR_OP_MALFORMED", { a: "op", ...FIDO, v: 1, seq: 1, del: 1 }],
  ["a creation without type", "ERR_OP_MALFORMED", { a: "op", ...FIDO, v: 1, seq: 1, create: {} }],
  ["an unknown type", "ERR_UNKNOWN_TYPE", {
    a: "op",
    c: "dogs",
    d: "new",
    v: 0,
    seq: 1,
    create: { type: "nobody's" },
  }],
  ["a future version", "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT", {
    a: "op",
    ...FIDO,
    v: 9,
    seq: 1,
    op: [],
  }],
  ["an edit of nothing", "ERR_DOC_DOES_NOT_EXIST", {
    a: "op",
    c: "dogs",
    d: "none",
    v: 0,
    seq: 1,
    op: [{ p: ["n"], na: 1 }],
  }],
  ["a second creation", "ERR_DOC_ALREADY_CREATED", {
    a: "op",
    ...FIDO,
    v: 0,
    seq: 1,
    create: { type: json.uri },
  }],
  ["a path through __proto__", "ERR_OP_PATH_FORBIDDEN", {
    a: "op",
    ...FIDO,
    v: 1,
    seq: 1,
    op: [{ p: ["__proto__", "x"], oi: 1 }],
  }],
  ["a path through constructor", "ERR_OP_PATH_FORBIDDEN", {
    a: "op",
    ...FIDO,
    v: 1,
    seq: 1,
    op: [{ p: ["constructor", "x"], oi: 1 }],
  }],
  ["an operation like a list", "ERR_OP_MALFORMED", {
    a: "op",
    ...FIDO,
    v: 1,
    seq: 1,
    op: { 0: { p: ["n"], na: 1 }, length: 1 },
  }],
];

for (const [what, code, message] of REFUSED) {
  Deno.test(`DocumentServer refuses ${what} with ${code}, and nothing is touched`, async () => {
    const { server, owner, enemy } = await besieged();
    enemy.send(message);
    const refusal = await enemy.next();
    strictEqual(codeOf(refusal), code);
    const { op: _op, create: _create, x: _x, ...allowed } = message;
    for (const field of Object.keys(refusal)) ok(field === "error" || field in allowed, field);
    const { data } = await owner.ask({ a: "f", ...FIDO });
    deepStrictEqual([(data as Told).v, (data as Told).data], [1, { n: 1, l: [1, 2] }]);
    strictEqual((await enemy.ask({ a: "pp" })).error, undefined);
    strictEqual(Object.getPrototypeOf({}).x, undefined);
    server.close();
  });
}

Deno.test("DocumentServer refuses text that is no message, and bytes", async () => {
  const { server, enemy } = await besieged();
  for (const text of ["", "{", "null", "[]", '"x"', "1e999"]) {
    enemy.send(text);
    strictEqual(codeOf(await enemy.next()), "ERR_MESSAGE_BADLY_FORMED");
  }
  server.close();
});

Deno.test("DocumentServer ends a connection whose message is too large", async () => {
  const { server, enemy } = await besieged();
  enemy.send("x".repeat(1_048_577));
  deepStrictEqual(await enemy.end(), { isFinal: true, reason: "message too large" });
  server.close();
});

Deno.test("DocumentServer bounds requests and subscriptions", async () => {
  const limits = { requestsMax: 3, subscriptionsMax: 2 };
  const server = testServer(memory(), { limits });
  const client = await RawClient.greeted(server);
  for (let id = 0; id < 4; id++) client.send({ a: "s", c: "dogs", d: `${id}`, n: id });
  const codes = [];
  for (let id = 0; id < 4; id++) codes.push(codeOf(await client.next()));
  deepStrictEqual(codes.sort(), ["ERR_LIMIT", "ERR_LIMIT", undefined, undefined]);
  server.close();
});

Deno.test("RateGauge lets a burst pass, then a rate, and tells a flood from that", () => {
  const limits = { ...CONNECTION_LIMITS, messagesPerSecondMax: 10, messagesBurstMax: 3 };
  const gauge = new RateGauge(limits, 0);
  const at = (...times: number[]) => times.map((nowMs) => gauge.count(nowMs));
  deepStrictEqual(at(0, 0, 0, 0), ["fine", "fine", "fine", "past"]);
  deepStrictEqual(at(100, 100, 200), ["fine", "past", "fine"]);
  deepStrictEqual(at(200, 200, 200, 200), ["past", "past", "past", "flood"]);
});

Deno.test(`DocumentServer stands ${MESSAGES} random messages`, async () => {
  console.log(`SEED=${SEED}`);
  const random = seededRandom(SEED);
  const { server, owner, enemy } = await besieged();
  for (let count = 0; count < MESSAGES; count++) {
    enemy.send(randomMessage(random));
    // What is answered is looked at now and then, so that nothing piles up.
    if (count % 500 === 499) {
      await enemy.ask({ a: "pp" });
      for (const told of enemy.told) {
        if (told.error !== undefined) match(String(codeOf(told)), /^ERR_/);
      }
      enemy.told.length = 0;
      strictEqual(enemy.ended, undefined);
    }
  }
  const { data } = await owner.ask({ a: "f", ...FIDO });
  deepStrictEqual((data as Told).data, { n: 1, l: [1, 2] });
  strictEqual(Object.keys(Object.prototype).length, 0);
  server.close();
});

const ACTIONS = ["hs", "f", "s", "u", "bf", "bs", "bu", "op", "qf", "qs", "qu", "nf", "nt"];
const ROOMS = ["ps", "pu", "p", "pr", "pp", "init", "q", "hb", "", "__proto__", 7, null];
const FIELDS = ["c", "d", "b", "v", "e", "g", "seq", "src", "x", "op", "create", "del", "id"];
const MORE = ["q", "o", "r", "ch", "p", "pv", "t", "ts", "n", "protocol", "token", "__proto__"];
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1,
  2 ** 53,
  0.5,
  "",
  "dogs",
  "cats",
  "__proto__",
  "constructor",
  "a.b",
  "\u0000",
  "\ud800",
  [],
  [[]],
  ["a"],
  [{ p: ["__proto__"], oi: 1 }],
  [{ p: [], od: 1 }],
  {},
  { length: 1, 0: "a" },
  { type: "http://sharejs.org/types/JSONv0" },
  { constructor: 1 },
  { a: 1, b: null },
];

/** A message that may be anything, but no operation on dogs/fido that is one. */
function randomMessage(random: Random): string {
  const pick = <T>(some: readonly T[]): T => some[randomInteger(random, 0, some.length)] as T;
  const message: Record<string, unknown> = { a: pick([...ACTIONS, ...ROOMS]) };
  const count = randomInteger(random, 0, 8);
  for (let i = 0; i < count; i++) {
    Object.defineProperty(message, pick([...FIELDS, ...MORE]), {
      value: pick(VALUES),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  const text = JSON.stringify(message);
  if (random.float() < 0.9) return text;
  const at = randomInteger(random, 0, text.length);
  return text.slice(0, at) + pick(["", "}", '"', "\\", "\u0000", "{"]) + text.slice(at + 1);
}
