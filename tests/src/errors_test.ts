import { ok, strictEqual, throws } from "node:assert/strict";
import {
  ArgumentError,
  assertNever,
  checkOptions,
  HoldfastError,
  invariant,
  InvariantError,
  LimitError,
  shown,
} from "../../src/errors.ts";

Deno.test("HoldfastError.is() recognises every error of ours and its code", () => {
  const errors = [
    new HoldfastError("ERR_TIMEOUT", "x"),
    new ArgumentError("ERR_TIMEOUT", "x"),
    new LimitError("ERR_TIMEOUT", "x"),
  ];
  for (const error of errors) {
    ok(HoldfastError.is(error), error.name);
    ok(HoldfastError.is(error, "ERR_TIMEOUT"), error.name);
    ok(!HoldfastError.is(error, "ERR_CLOSED"), error.name);
  }
});

Deno.test("HoldfastError.is() refuses what is not ours", () => {
  const fakes = [undefined, null, "ERR_TIMEOUT", { code: "ERR_TIMEOUT" }, new Error("ERR_TIMEOUT")];
  for (const fake of fakes) ok(!HoldfastError.is(fake), String(fake));
});

Deno.test("HoldfastError.is() recognises an error of another copy of the module", async () => {
  const source = await Deno.readTextFile(new URL("../../src/errors.ts", import.meta.url));
  const copy: typeof import("../../src/errors.ts") = await import(
    `data:application/typescript,${encodeURIComponent(source)}`
  );
  const error = new copy.HoldfastError("ERR_CLOSED", "from the other copy");
  ok(!(error instanceof HoldfastError));
  ok(HoldfastError.is(error, "ERR_CLOSED"));
});

Deno.test("an argument's error is the built-in class that fits", () => {
  ok(new ArgumentError("ERR_INVALID_OPTION", "x") instanceof TypeError);
  ok(new LimitError("ERR_TOO_LARGE", "x") instanceof RangeError);
});

Deno.test("an error keeps its cause and its class's name", () => {
  const cause = new Error("below");
  const error = new InvariantError("broken", { cause });
  strictEqual(error.cause, cause);
  strictEqual(error.name, "InvariantError");
  strictEqual(error.code, "ERR_INVARIANT");
});

Deno.test("invariant() throws only when its condition does not hold", () => {
  invariant(true, "holds");
  throws(() => invariant(false, "broken"), { code: "ERR_INVARIANT", message: "broken" });
});

Deno.test("assertNever() throws for a value that no case took", () => {
  throws(() => assertNever("odd" as never, "kind"), { code: "ERR_INVARIANT" });
});

Deno.test("shown() is short, and silent about what containers hold", () => {
  strictEqual(shown("a"), '"a"');
  strictEqual(shown("a".repeat(100)).length, 43);
  strictEqual(shown({ secret: 1 }), "an object");
  strictEqual(shown([1]), "an array");
  strictEqual(shown(null), "null");
  strictEqual(shown(undefined), "undefined");
  strictEqual(shown(12n), "12n");
  strictEqual(shown(Symbol("s")), "Symbol(s)");
  strictEqual(shown(() => 1), "a function");
});

Deno.test("checkOptions() refuses an unknown option and what is no object", () => {
  checkOptions("make it", { ttl: 1 }, ["ttl"]);
  throws(() => checkOptions("make it", { tll: 1 }, ["ttl", "stale"]), {
    name: "ArgumentError",
    code: "ERR_INVALID_OPTION",
    message: 'Cannot make it as "tll" is not an option: known options are ttl, stale',
  });
  for (const bad of [null, 5, "x", [], undefined]) {
    throws(() => checkOptions("make it", bad, []), { code: "ERR_INVALID_OPTION" });
  }
});
