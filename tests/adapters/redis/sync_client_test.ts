import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import { connectSync } from "../../../src/sync/client/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { serveTodos } from "../../support/sync/todo_hub.ts";
import type { Todo } from "../../support/sync/todos.ts";

redisTest(
  "SyncClient over HTTP works with a function host that knows nothing between two requests",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    const { url, token } = gateway;
    await using hub = serveTodos({ fresh: () => redis({ url, token }) });
    const [one, two] = [connectSync(hub.url("http")), connectSync(hub.url("http"))];
    await using _one = one;
    await using _two = two;
    const [here, there] = [one.collection<Todo>("Todo"), two.collection<Todo>("Todo")];
    await Promise.all([here.ready, there.ready]);
    const made = Array.from({ length: 10 }, (_, at) => here.upsert({ text: `t${at}` }));
    await Promise.all(made);
    await eventually("the other has all", () => there.records.length === 10);
    hub.cut(true);
    await eventually("both are offline", () => one.state === "offline" && two.state === "offline");
    const late = here.upsert({ id: 1, text: "offline" });
    await hub.todos.delete(2);
    hub.cut(false);
    one.connect();
    two.connect();
    await late;
    await eventually(
      "both have all",
      () =>
        there.get(1)?.text === "offline" && there.records.length === 9 && here.records.length === 9,
    );
    deepStrictEqual(here.records, there.records);
    strictEqual(await hub.todos.count(), 9);
  },
);
