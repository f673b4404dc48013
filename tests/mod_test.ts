import { match, strictEqual, throws } from "node:assert/strict";
import { z } from "zod";
import { createCache, createModel, defineModel, open } from "../mod.ts";

const ANY = z.object({ name: z.string() });
const REDIS = {
  UPSTASH_REDIS_REST_URL: "https://example.upstash.io",
  UPSTASH_REDIS_REST_TOKEN: "hunter2",
};

Deno.test("open() gives memory when the environment names nothing, or only empty texts", async () => {
  for (
    const env of [{}, { UPSTASH_REDIS_REST_URL: "", UPSTASH_REDIS_REST_TOKEN: "" }, { PORT: 5 }]
  ) {
    const backend = open(env);
    strictEqual(backend.durability, "memory");
    const cache = createCache(backend, { name: "greetings", ttl: "1m" });
    strictEqual(await cache.getOrCreate("en", () => "hello"), "hello");
  }
});

Deno.test("open() gives Redis when both variables are set, and sends nothing", () => {
  let requests = 0;
  const fetch = () => {
    requests++;
    return Promise.reject(new Error("no network"));
  };
  const backend = open(REDIS, { redis: { fetch }, isolation: "request" });
  strictEqual(backend.durability, "replicated-async");
  strictEqual(backend.isolation, "request");
  strictEqual(requests, 0);
});

Deno.test("open() refuses one variable of the two, naming the other and no value", () => {
  for (const [set, missing] of [["URL", "TOKEN"], ["TOKEN", "URL"]] as const) {
    const name = `UPSTASH_REDIS_REST_${set}` as const;
    throws(() => open({ [name]: REDIS[name] }), (error: Error & { code?: string }) => {
      strictEqual(error.code, "ERR_INVALID_ENVIRONMENT");
      match(error.message, new RegExp(`UPSTASH_REDIS_REST_${missing} must be set`));
      return !error.message.includes(REDIS[name]);
    });
  }
});

Deno.test("open() can be told that memory will not do", () => {
  throws(() => open({}, { fallback: "error" }), { code: "ERR_INVALID_ENVIRONMENT" });
  strictEqual(open(REDIS, { fallback: "error" }).durability, "replicated-async");
});

Deno.test("open() refuses what is no environment, and does not show it", () => {
  for (const env of [undefined, null, "hunter2", 5]) {
    throws(() => open(env as never), (error: Error & { code?: string }) => {
      strictEqual(error.code, "ERR_INVALID_ENVIRONMENT");
      return !error.message.includes("hunter");
    });
  }
});

Deno.test("open() refuses options that it does not know and values that are none", () => {
  const bad = [
    { fallbak: "error" },
    { fallback: "redis" },
    { isolation: "worker" },
    null,
    "memory",
  ];
  for (const options of bad) {
    throws(() => open({}, options as never), { code: "ERR_INVALID_OPTION" });
  }
  throws(
    () => open({ ...REDIS, UPSTASH_REDIS_REST_URL: "hunter3" }),
    (error: Error & { code?: string }) => {
      strictEqual(error.code, "ERR_INVALID_OPTION");
      return !error.message.includes("hunter");
    },
  );
});

Deno.test("createCache() and createModel() refuse what is no backend and no definition", () => {
  const definition = defineModel({ key: "user", schema: ANY });
  for (const bad of [undefined, null, {}, "memory", { cache: 5, models: 5 }]) {
    throws(() => createCache(bad as never, { name: "x" }), { code: "ERR_INVALID_ARGUMENT" });
    throws(() => createModel(bad as never, definition), { code: "ERR_INVALID_ARGUMENT" });
  }
  for (const bad of [undefined, null, {}, { key: "user" }]) {
    throws(() => createModel(open({}), bad as never), { code: "ERR_INVALID_ARGUMENT" });
  }
});
