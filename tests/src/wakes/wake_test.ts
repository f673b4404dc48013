import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { Wake } from "../../../src/wakes/port.ts";
import { WAKE_ENTRY_BYTES_MAX } from "../../../src/wakes/port.ts";
import {
  carriedWake,
  checkChannel,
  decodeWake,
  encodeWake,
  travels,
} from "../../../src/wakes/wake.ts";

const FIRST: Wake = { epoch: "e", index: 1, tag: "t1", previousTag: "" };

Deno.test("decodeWake() reads what encodeWake() wrote", () => {
  const wakes: readonly Wake[] = [
    FIRST,
    { ...FIRST, entry: "" },
    { ...FIRST, entry: " a  b " },
    { ...FIRST, entry: "\u2028 \u2029 \u0085" },
    { epoch: "x".repeat(64), index: 2 ** 53 - 1, tag: "-_", previousTag: "A9", entry: "[1,2]" },
  ];
  for (const wake of wakes) deepStrictEqual(decodeWake(encodeWake(wake)), wake);
});

Deno.test("decodeWake() takes no stranger's line for a wake", () => {
  const lines = [
    "",
    "hello",
    "e 1 t",
    "e 0 t ",
    "e -1 t ",
    "e 1.5 t ",
    "e 9999999999999999 t p",
    "é 1 t ",
    `${"x".repeat(65)} 1 t `,
    "e 1 t p|rest",
  ];
  for (const line of lines) strictEqual(decodeWake(line), undefined, line);
});

Deno.test("travels() counts bytes, not characters", () => {
  strictEqual(travels("x".repeat(WAKE_ENTRY_BYTES_MAX)), true);
  strictEqual(travels("x".repeat(WAKE_ENTRY_BYTES_MAX + 1)), false);
  strictEqual(travels("€".repeat(2_730)), true);
  strictEqual(travels("€".repeat(2_731)), false);
  deepStrictEqual(["a\rb", "a\nb", "\udc00", "🙂"].map(travels), [false, false, false, true]);
});

Deno.test("carriedWake() copies the parts of a wake and no others", () => {
  const wake = { ...FIRST, entry: undefined, more: 1 };
  deepStrictEqual(carriedWake(wake), FIRST);
});

Deno.test("checkChannel() refuses what is no text", () => {
  throws(() => checkChannel(1 as never), { code: "ERR_INVALID_ARGUMENT", name: "ArgumentError" });
});
