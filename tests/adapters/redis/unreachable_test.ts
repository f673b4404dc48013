/**
 * What every part says of a Redis that nobody serves, and of one that says nothing: the same, by one code, with nothing
 * left behind.
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

/** As nothing comes however long one waits, soon will do. */
const SHORT = "100ms";

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

/** What changes nothing says so; of a change that was sent nobody can tell. A write to a cache asks for the time first. */
const SILENT: Readonly<Record<string, string>> = {
  "Cache.set()": "ERR_TIMEOUT",
  "Cache.delete()": "ERR_OUTCOME_UNKNOWN",
  "Cache.invalidate()": "ERR_OUTCOME_UNKNOWN",
  "Cache.isCreating()": "ERR_TIMEOUT",
  "Model.get()": "ERR_TIMEOUT",
  "Model.create()": "ERR_OUTCOME_UNKNOWN",
  "Documents.fetch()": "ERR_TIMEOUT",
  "Log.append()": "ERR_OUTCOME_UNKNOWN",
  "Log.read()": "ERR_TIMEOUT",
  "RedisClient.command()": "ERR_TIMEOUT",
};

for (const [call, code] of Object.entries(SILENT)) {
  Deno.test(`${call} says ${code} of a Redis that says nothing`, async () => {
    await using silence = silentServer();
    const backend = redis({ url: silence.url, token: "t", deadline: SHORT });
    const told = await PARTS[call]?.(backend).then(() => undefined, (error) => error);
    ok(HoldfastError.is(told), String(told));
    strictEqual(told.code, code);
  });
}

/** A server that takes connections, and never says anything. */
function silentServer(): AsyncDisposable & { readonly url: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.TcpConn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await accepting;
      for (const connection of connections) connection.close();
    },
  };
}

function cacheOn(backend: RedisBackend) {
  return createCache(backend, { name: "c", ttl: "1m", storeTimeout: DEADLINE });
}
