import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { backendOfTest, cacheOfTest } from "./setup.ts";

Deno.test("Cache answers although its store fails, and writes say that it does", async () => {
  const backend = backendOfTest();
  const failure = new Error("down");
  const down = new Proxy(backend.cache, {
    get: () => () => Promise.reject(failure),
  });
  const cache = cacheOfTest({ ...backend, cache: down });
  const failures: unknown[] = [];
  cache.on("failure", ({ action }) => failures.push(action));
  strictEqual(await cache.get("a"), undefined);
  strictEqual(await cache.getOrCreate("a", () => "made"), "made");
  deepStrictEqual([...await cache.getOrCreateMany(["a"], () => [1])], [["a", 1]]);
  await rejects(cache.delete("a"), { code: "ERR_UNAVAILABLE", cause: failure });
  deepStrictEqual(failures, ["read", "read", "read", "remove"]);
});
