import { rejects, strictEqual } from "node:assert/strict";
import { settle } from "../../contracts/manual_clock.ts";
import { backendOfTest, cacheOfTest, counting, gate } from "./setup.ts";

Deno.test("Cache.getOrCreate() ends at its time limit, with all its callers", async () => {
  const backend = backendOfTest();
  const cache = cacheOfTest(backend);
  let signal: AbortSignal | undefined;
  const create = (c: { signal: AbortSignal }) => {
    signal = c.signal;
    return new Promise<string>(() => {});
  };
  const calls = [1, 2].map(() => cache.getOrCreate("a", create, { timeout: "1s" }));
  const both = Promise.allSettled(calls);
  await backend.clock.advance(1_000);
  for (const result of await both) {
    strictEqual(result.status === "rejected" && result.reason.code, "ERR_TIMEOUT");
  }
  strictEqual(signal?.aborted, true);
});

Deno.test("Cache.getOrCreate() ends one caller's waiting by its signal, and no one else's", async () => {
  const cache = cacheOfTest(backendOfTest());
  const slow = gate<string>();
  const leaving = new AbortController();
  const left = cache.getOrCreate("a", () => slow.promise, { signal: leaving.signal });
  const stays = cache.getOrCreate("a", () => "never");
  leaving.abort(new Error("gone"));
  await rejects(left, { message: "gone" });
  slow.open("slow");
  strictEqual(await stays, "slow");
});

Deno.test("Cache.getOrCreate() aborts the creation when nobody waits any more", async () => {
  const cache = cacheOfTest(backendOfTest());
  let signal: AbortSignal | undefined;
  const create = (c: { signal: AbortSignal }) => {
    signal = c.signal;
    return new Promise<string>(() => {});
  };
  const callers = [new AbortController(), new AbortController()];
  const calls = callers.map((caller) =>
    cache.with({ signal: caller.signal }).getOrCreate("a", create)
  );
  const all = Promise.allSettled(calls);
  await settle();
  callers[0]?.abort();
  strictEqual(signal?.aborted, false);
  callers[1]?.abort();
  await all;
  strictEqual(signal?.aborted, true);
});

Deno.test("Cache.getOrCreate() starts nothing under a signal that is aborted already", async () => {
  const cache = cacheOfTest(backendOfTest());
  const create = counting();
  const signal = AbortSignal.abort(new Error("gone"));
  await rejects(cache.getOrCreate("a", create, { signal }), { message: "gone" });
  strictEqual(create.runs, 0);
});
