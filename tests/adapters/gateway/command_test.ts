import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import {
  argumentBytes,
  commandBytes,
  commandOfPath,
  parseCommand,
  parseCommands,
} from "../../../adapters/gateway/command.ts";
import { hashSlot } from "../../../adapters/gateway/hash_slot.ts";
import { includes, parseToken, toToken } from "../../../adapters/gateway/sync_token.ts";

const NONE = new Uint8Array(0);

Deno.test("parseCommand() takes scalars, and integers of any length digit by digit", () => {
  const cases: [string, string[]][] = [
    ['["SET","k","v"]', ["SET", "k", "v"]],
    ['["SET","k",1]', ["SET", "k", "1"]],
    ['["SET","k",-1.5]', ["SET", "k", "-1.5"]],
    ['["SET","k",true]', ["SET", "k", "true"]],
    ['["INCRBY","k",9007199254740993]', ["INCRBY", "k", "9007199254740993"]],
    ['["INCRBY","k",-12345678901234567890]', ["INCRBY", "k", "-12345678901234567890"]],
    ['["SET","12345678901234567890 \\"1234567890123456789","v"]', [
      "SET",
      '12345678901234567890 "1234567890123456789',
      "v",
    ]],
    ['["SET","k",0.12345678901234567]', ["SET", "k", "0.12345678901234566"]],
    ['["SET","","\\u0000"]', ["SET", "", "\u0000"]],
  ];
  for (const [body, command] of cases) deepStrictEqual(parseCommand(body), command, body);
});

Deno.test("parseCommand() refuses what is no array of scalars", () => {
  for (
    const body of [
      "",
      "x",
      "{}",
      "null",
      "[]",
      '"PING"',
      '["SET","k",null]',
      '["SET",["k"]]',
      "[{}]",
    ]
  ) {
    throws(() => parseCommand(body), { status: 400, message: "ERR failed to parse command" }, body);
  }
});

Deno.test("parseCommands() refuses the whole batch if one command is malformed", () => {
  deepStrictEqual(parseCommands('[["PING"],["GET","k"]]', "pipeline"), [["PING"], ["GET", "k"]]);
  for (const body of ["", "[]", '["PING"]', '[["PING"],[]]', '[["PING"],"x"]', '[["PING"],[{}]]']) {
    const message = "ERR failed to parse pipeline request";
    throws(() => parseCommands(body, "pipeline"), { status: 400, message }, body);
  }
  throws(() => parseCommands("x", "transaction"), {
    message: "ERR failed to parse transaction request",
  });
});

Deno.test("commandOfPath() reads segments, then the body, then the query", () => {
  const bytes = new Uint8Array([0, 255]);
  deepStrictEqual(commandOfPath("/set/k/v/EX/100", NONE, ""), ["set", "k", "v", "EX", "100"]);
  deepStrictEqual(commandOfPath("/get/k/", NONE, ""), ["get", "k"]);
  deepStrictEqual(commandOfPath("/set//v", NONE, ""), ["set", "", "v"]);
  deepStrictEqual(commandOfPath("/get/a%2Fb%20c+d", NONE, ""), ["get", "a/b c+d"]);
  deepStrictEqual(commandOfPath("/get/%E2%82%AC", NONE, ""), ["get", "€"]);
  deepStrictEqual(commandOfPath("/get/%FF%00", NONE, ""), ["get", new Uint8Array([255, 0])]);
  deepStrictEqual(commandOfPath("/set/k", bytes, "EX=100&_token=t&NX"), [
    "set",
    "k",
    bytes,
    "EX",
    "100",
    "NX",
  ]);
  for (const path of ["/get/%", "/get/%4", "/get/%zz"]) {
    throws(() => commandOfPath(path, NONE, ""), {
      status: 400,
      message: "ERR failed to parse path",
    });
  }
});

Deno.test("argumentBytes() counts UTF-8", () => {
  for (const text of ["", "a", "é", "€", "😀", "a😀€é", "\ud800", "x\udc00y"]) {
    strictEqual(argumentBytes(text), new TextEncoder().encode(text).length, JSON.stringify(text));
  }
  strictEqual(commandBytes(["SET", "é", new Uint8Array(3)]), 8);
});

Deno.test("hashSlot() agrees with the cluster specification", () => {
  strictEqual(hashSlot("123456789"), 12_739);
  strictEqual(hashSlot("a"), 15_495);
  strictEqual(hashSlot("{user1000}.following"), hashSlot("{user1000}.followers"));
  strictEqual(hashSlot("foo{}{bar}"), hashSlot(new TextEncoder().encode("foo{}{bar}")));
  strictEqual(hashSlot("foo{{bar}}zap"), hashSlot("{bar"));
});

Deno.test("parseToken() takes only what toToken() made", () => {
  const position = { id: "0123456789abcdef0123456789abcdef01234567", offset: 42 };
  deepStrictEqual(parseToken(toToken(position, 7)), position);
  strictEqual(toToken(undefined, 1), "");
  for (const token of ["", "x", "0:1", `${position.id}:-1`, `${position.id}:1:x`, "a".repeat(99)]) {
    strictEqual(parseToken(token), undefined, token);
  }
  strictEqual(includes(position, { ...position, offset: 41 }), true);
  strictEqual(includes(position, { ...position, offset: 43 }), false);
  strictEqual(includes(position, { ...position, id: "other" }), false);
  strictEqual(includes(undefined, position), false);
});
