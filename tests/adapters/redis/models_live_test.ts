import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import { createModel } from "../../../src/models/mod.ts";
import { NAMES } from "../../support/models/race_program.ts";
import { person, User } from "../../support/models/users.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

redisTest("Model keeps values unique and counts exactly among processes", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const users = createModel(redis({ url: gateway.url, token: gateway.token }), User);
  await users.create({ ...person("counter"), id: 1_000, age: 0 });
  const program = new URL("../../support/models/race_program.ts", import.meta.url).pathname;
  const outputs = await Promise.all(
    Array.from({ length: 3 }, () =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", program, gateway.url, gateway.token],
      }).output()),
  );
  const got = outputs.map(({ stdout }) => Number(new TextDecoder().decode(stdout)));
  strictEqual(got.reduce((sum, count) => sum + count, 0), NAMES);
  strictEqual(await users.count(), NAMES + 1);
  strictEqual((await users.get(1_000))?.age, 60);
});

redisTest(
  "Model.changes() tells what another handle writes, on Redis, once and in order",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    const { url, token } = gateway;
    const reader = createModel(redis({ url, token }), User);
    const other = createModel(redis({ url, token }), User);
    const start = await reader.cursor();
    const stop = new AbortController();
    const told: unknown[] = [];
    const reading = (async () => {
      for await (const change of reader.changes({ after: start, signal: stop.signal })) {
        if (change.kind === "reset") throw new Error("must not be reset");
        told.push([change.kind, change.id, change.index]);
        if (told.length === 33) return;
      }
    })();
    for (let at = 0; at < 15; at++) await other.create(person(`a${at}`));
    // Too large to travel with its hint.
    await other.create({ ...person("large"), tags: ["x".repeat(20_000)] });
    await other.batch((batch) => {
      for (let at = 0; at < 15; at++) batch.create(person(`b${at}`));
    });
    await other.members(1, "tags").add("x");
    await other.delete(1);
    await reading;
    deepStrictEqual(told, [
      ...Array.from({ length: 31 }, (_, at) => ["create", at + 1, at + 1]),
      ["members", 1, 32],
      ["delete", 1, 33],
    ]);
  },
);
