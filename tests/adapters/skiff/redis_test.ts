import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Skiff } from "../../../adapters/skiff/mod.ts";
import { inProcess } from "../../../src/raft/mod.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { CALM } from "./calm.ts";

redisTest("Skiff keeps its keys on a Redis behind a gateway, under its namespace", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server, { isStrict: true });
  const { url, token } = gateway;
  const options = { ...CALM, transport: inProcess(), redis: { url, token } };
  const first = new Skiff("local://a", options);
  await first.open();
  await first.batch([{ key: "a", value: 1 }, { key: "b", value: [2] }]);
  await first.close();

  await using second = new Skiff("local://a", options);
  await second.open();
  deepStrictEqual(await second.get("b"), [2]);
  const keys = await server.command("KEYS", "*");
  strictEqual(
    Array.isArray(keys) && keys.length > 0 &&
      keys.every((key) => String(key).includes("skiff-redis")),
    true,
    String(keys),
  );
});
