import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Emitter } from "../../src/events.ts";

interface Events {
  hit: { key: string };
  miss: number;
}

Deno.test("Emitter.emit() calls listeners of the name in the order in which they came", () => {
  const emitter = new Emitter<Events>();
  const seen: string[] = [];
  emitter.on("hit", ({ key }) => seen.push(`first ${key}`));
  emitter.on("hit", ({ key }) => seen.push(`second ${key}`));
  emitter.on("miss", () => seen.push("other"));
  emitter.emit("hit", { key: "a" });
  deepStrictEqual(seen, ["first a", "second a"]);
});

Deno.test("Emitter.on() ends by its return value and by its signal", () => {
  const emitter = new Emitter<Events>();
  const controller = new AbortController();
  let calls = 0;
  const end = emitter.on("miss", () => calls++);
  emitter.on("miss", () => calls++, { signal: controller.signal });
  emitter.on("miss", () => calls++, { signal: AbortSignal.abort() });
  emitter.emit("miss", 1);
  strictEqual(calls, 2);
  end();
  end();
  controller.abort();
  emitter.emit("miss", 2);
  strictEqual(calls, 2);
  ok(!emitter.wants("miss"));
});

Deno.test("Emitter.on() keeps one function given twice as two listeners", () => {
  const emitter = new Emitter<Events>();
  let calls = 0;
  const listener = () => calls++;
  const end = emitter.on("miss", listener);
  emitter.on("miss", listener);
  end();
  emitter.emit("miss", 1);
  strictEqual(calls, 1);
});

Deno.test("Emitter.wants() is true only while somebody listens", () => {
  const emitter = new Emitter<Events>();
  ok(!emitter.wants("hit"));
  const end = emitter.on("hit", () => {});
  ok(emitter.wants("hit"));
  ok(!emitter.wants("miss"));
  end();
  ok(!emitter.wants("hit"));
});

Deno.test("Emitter.emit() calls the other listeners when one throws, and the host hears of it", async () => {
  const emitter = new Emitter<Events>();
  const uncaught: unknown[] = [];
  const hear = (event: ErrorEvent): void => {
    event.preventDefault();
    uncaught.push(event.error.message);
  };
  globalThis.addEventListener("error", hear);
  let calls = 0;
  emitter.on("miss", () => {
    throw new Error("a listener's own");
  });
  emitter.on("miss", () => calls++);
  emitter.emit("miss", 1);
  await new Promise((resolve) => setTimeout(resolve, 0));
  globalThis.removeEventListener("error", hear);
  strictEqual(calls, 1);
  deepStrictEqual(uncaught, ["a listener's own"]);
});

Deno.test("Emitter.emit() goes to who listened when it began", () => {
  const emitter = new Emitter<Events>();
  const seen: number[] = [];
  emitter.on("miss", (n) => {
    seen.push(n);
    emitter.on("miss", (late) => seen.push(late * 10));
  });
  emitter.emit("miss", 1);
  deepStrictEqual(seen, [1]);
});
