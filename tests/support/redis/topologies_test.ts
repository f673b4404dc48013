import { match, rejects, strictEqual } from "node:assert/strict";
import { startRedisCluster } from "./cluster.ts";
import { redisTest } from "./register.ts";
import { startLaggingReplica } from "./replica.ts";

redisTest("startRedisCluster() shares the slots among three masters", async () => {
  await using cluster = await startRedisCluster();
  strictEqual(cluster.masters.length, 3);
  const [first] = cluster.masters;
  // "b" lives in slot 3300 of the first master, "a" in slot 15495 of the last.
  strictEqual(await first?.command("SET", "b", "1"), "OK");
  await rejects(async () => await first?.command("SET", "a", "1"), /^Error: MOVED 15495/);
});

redisTest("startLaggingReplica() holds the replica back while the gate is shut", async () => {
  await using pair = await startLaggingReplica();
  match(String(await pair.replica.command("INFO", "replication")), /role:slave/);
  await pair.master.command("SET", "key", "old");
  await pair.caughtUp();
  pair.shut();
  await pair.master.command("SET", "key", "new");
  await new Promise((resolve) => setTimeout(resolve, 30));
  strictEqual(await pair.replica.command("GET", "key"), "old");
  pair.open();
  await pair.caughtUp();
  strictEqual(await pair.replica.command("GET", "key"), "new");
});
