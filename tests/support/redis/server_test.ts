import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { startRedis } from "./server.ts";
import { redisTest } from "./register.ts";

redisTest("startRedis() gives each test a server of its own", async () => {
  await using one = await startRedis();
  await using other = await startRedis();
  await one.command("SET", "name", "one");
  strictEqual(await other.command("GET", "name"), null);
  ok(one.port !== other.port && one.folder !== other.folder && one.pid !== other.pid);
});

redisTest("RedisServer ends with its test and takes its folder along", async () => {
  let port: number, folder: string;
  {
    await using server = await startRedis();
    ({ port, folder } = server);
  }
  await rejects(Deno.connect({ hostname: "127.0.0.1", port }));
  await rejects(Deno.stat(folder));
});

redisTest(
  "RedisServer.kill() and start() lose nothing that a durable server acknowledged",
  async () => {
    await using server = await startRedis({ isDurable: true });
    for (let i = 0; i < 20; i++) await server.command("RPUSH", "list", i);
    const before = server.pid;
    await server.kill();
    await server.start();
    ok(server.pid !== before);
    strictEqual(await server.command("LLEN", "list"), 20);
  },
);

redisTest("RedisServer.loseAfter() goes back to a mark, and the tail can be refilled", async () => {
  await using server = await startRedis({ isDurable: true });
  await server.command("RPUSH", "list", "a");
  const mark = await server.mark();
  await server.command("RPUSH", "list", "lost");
  await server.kill();
  await server.loseAfter(mark);
  await server.start();
  await server.command("RPUSH", "list", "refilled");
  deepStrictEqual(await server.command("LRANGE", "list", 0, -1), ["a", "refilled"]);
});

redisTest("RedisServer.freeze() holds every answer back until thaw()", async () => {
  await using server = await startRedis();
  server.freeze();
  let isAnswered = false;
  const answer = server.command("PING").then((reply) => {
    isAnswered = true;
    return reply;
  });
  await new Promise((resolve) => setTimeout(resolve, 30));
  strictEqual(isAnswered, false);
  server.thaw();
  strictEqual(await answer, "PONG");
});
