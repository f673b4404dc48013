/**
 * Models over HTTP on a real Redis: the same answers, and one request behind each of them.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import { createHandler, serveModels } from "../../../src/http/mod.ts";
import { createModel } from "../../../src/models/mod.ts";
import { blocksOf, clientOf, requestOf } from "../../support/http/client.ts";
import { person, User } from "../../support/models/users.ts";
import { spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

redisTest("serveModels() makes one request of the store for each of its own", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const users = createModel(redis({ url: gateway.url, token: gateway.token }), User);
  const send = clientOf(createHandler([serveModels({ users })]));
  const first = await send("POST /users", { body: person("ada", { age: 1, team: 1 }) });
  // Every script is loaded before it is counted.
  await send("GET /users?age=1");
  await send("GET /users:by/email/ada@x.org");
  await send("PUT /users/1/sets/tags", { body: ["a"] });
  const lines: [string, unknown, Record<string, string>, number][] = [
    ["GET /users/1", undefined, {}, 1],
    ["GET /users?age:gte=0", undefined, {}, 1],
    ["GET /users:count", undefined, {}, 1],
    ["GET /users:by/email/ada@x.org", undefined, {}, 1],
    ["GET /users:with/tags/a", undefined, {}, 1],
    ["POST /users", person("bob"), { "idempotency-key": "k" }, 1],
    ["PUT /users/2", person("bob"), {}, 1],
    ["PUT /users/1/sets/tags", ["b"], {}, 1],
    ["DELETE /users/2", undefined, {}, 1],
    // It reads what it changes, as the schema is of whole records.
    ["PATCH /users/1", { age: 2 }, {}, 2],
    // A record that was taken is shown, which only a read can do.
    ["POST /users", person("eve", { id: 1 }), {}, 2],
    ["GET /readyz", undefined, {}, 1],
    ["GET /livez", undefined, {}, 0],
    ["GET /openapi.json", undefined, {}, 0],
  ];
  for (const [line, body, headers, requests] of lines) {
    const cost = await spent(server, gateway, () => send(line, { body, headers }));
    strictEqual(cost.requests, requests, `${line} ${JSON.stringify(cost)}`);
  }
  const stale = { headers: { "if-match": first.headers.get("etag") ?? "" } };
  deepStrictEqual((await send("DELETE /users/1", stale)).status, 412);
});

redisTest("serveModels() streams what another process writes", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const [here, there] = [
    createModel(redis({ url: gateway.url, token: gateway.token }), User),
    createModel(redis({ url: gateway.url, token: gateway.token }), User),
  ];
  const response = await createHandler([serveModels({ users: here })])(
    requestOf("GET /users:changes"),
  );
  const names: unknown[] = [];
  for await (const block of blocksOf(response)) {
    if (block.startsWith("retry:")) continue;
    const [, data] = /^data: (.+)$/m.exec(block) ?? [];
    if (data === undefined) {
      // Where it begins: only now is anything sure to be seen.
      for (const name of ["ada", "bob"]) await there.create(person(name));
      continue;
    }
    names.push(JSON.parse(data).record.name);
    if (names.length === 2) break;
  }
  deepStrictEqual(names, ["ada", "bob"]);
});
