/**
 * What every part says of a Redis that nobody serves: that it cannot be reached, by one code, and leaves nothing behind.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { redis, type RedisBackend } from "../../../adapters/redis/mod.ts";
import { createCache } from "../../../src/cache/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createLog } from "../../../src/log/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { createNode, inProcess, keyValueMachine } from "../../../src/raft/mod.ts";
import { freePort } from "../../support/process.ts";

/** Soon enough for a test, and long enough for more than one attempt. */
const DEADLINE = "1s";

const user = defineModel({ key: "user", schema: z.object({ n: z.number() }) });

/** What each part is asked. */
const PARTS: Readonly<Record<string, (backend: RedisBackend) => Promise<unknown>>> = {
  "Cache.set()": (backend) => cacheOn(backend).set("a", 1),
  "Cache.delete()": (backend) => cacheOn(backend).delete("a"),
  "Cache.invalidate()": (backend) => cacheOn(backend).invalidate(),
  "Cache.invalidateTags()": (backend) => cacheOn(backend).invalidateTags("t"),
  "Cache.isCreating()": (backend) => cacheOn(backend).isCreating("a"),
  "Model.get()": (backend) => createModel(backend, user).get(1),
  "Model.create()": (backend) => createModel(backend, user).create({ n: 1 }),
  "Documents.fetch()": async (backend) => {
    await using documents = createDocuments(backend, { secret: "s".repeat(32) });
    return await documents.fetch("posts", "1");
  },
  "Documents.submit()": async (backend) => {
    await using documents = createDocuments(backend, { secret: "s".repeat(32) });
    return await documents.submit("posts", "1", { create: { data: {} } });
  },
  "Log.append()": (backend) => createLog(backend, { name: "l" }).append([{ data: 1 }]),
  "Log.read()": (backend) => createLog(backend, { name: "l" }).read(),
  "ConsensusNode.ready()": async (backend) => {
    const [transport, machine] = [inProcess(), keyValueMachine()];
    await using node = createNode(backend, { url: "local://a", transport, machine });
    return await node.ready({ timeout: "5s" });
  },
  "PresenceStore.list()": ({ presence }) => presence.list("r", { tag: "t" }),
  "RedisClient.command()": ({ client }) => client.command(["GET", "k"], { effect: "read" }),
};

for (const [call, ask] of Object.entries(PARTS)) {
  Deno.test(`${call} says of a Redis that refuses connections that it cannot be reached`, async () => {
    const backend = redis({
      url: `http://127.0.0.1:${freePort()}`,
      token: "t",
      // A cache has a limit of its own, below the connection's; a node waits for several calls.
      deadline: call.startsWith("Cache.") ? "10s" : DEADLINE,
    });
    const told = await ask(backend).then(() => undefined, (error) => error);
    // A node goes on trying, and says what its store failed with.
    const error = call.startsWith("ConsensusNode") ? told.cause : told;
    ok(HoldfastError.is(told, "ERR_UNAVAILABLE"), String(told));
    ok(HoldfastError.is(error, "ERR_UNAVAILABLE"), String(error));
    strictEqual(error.message, "Cannot ask Redis as it cannot be reached");
  });
}

function cacheOn(backend: RedisBackend) {
  return createCache(backend, { name: "c", ttl: "1m", storeTimeout: DEADLINE });
}
