import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { Skiff, type SkiffOptions } from "../../../adapters/skiff/mod.ts";
import { skiffSettings } from "../../../adapters/skiff/options.ts";
import { inProcess } from "../../../src/raft/mod.ts";

Deno.test("new Skiff() has the ancestor's defaults", () => {
  const { autoListen, node, uuid } = skiffSettings();
  strictEqual(autoListen, true);
  deepStrictEqual(node, {
    namespace: "{skiff-redis}",
    standby: false,
    heartbeat: 50,
    electionTimeout: 150,
    timeout: 3_000,
    leaderTimeout: 3_000,
    compaction: { retained: 50 },
  });
  ok(uuid().length > 20 && uuid() !== uuid());
});

Deno.test("new Skiff() heeds every option under its name", () => {
  const backend = memory();
  const given: SkiffOptions = {
    autoListen: false,
    transport: inProcess(),
    redis: backend,
    namespace: "mine",
    waitLeaderTimeout: 1,
    standby: true,
    cluster: "c1",
    uuid: () => "u1",
    heartbeatInterval: 10,
    minElectionTimeout: 100,
    maxElectionTimeout: 150,
    commandTimeout: 7,
    retainedLogEntries: 9,
    metadata: { zone: "a" },
    compaction: { entries: 100 },
    witness: true,
  };
  const { backend: used, node, uuid, autoListen } = skiffSettings(given);
  strictEqual(used, backend);
  deepStrictEqual([uuid(), autoListen], ["u1", false]);
  deepStrictEqual(node, {
    namespace: "mine/c1",
    standby: true,
    heartbeat: 10,
    electionTimeout: 75,
    timeout: 7,
    leaderTimeout: 1,
    compaction: { entries: 100, retained: 9 },
    metadata: { zone: "a" },
    witness: true,
  });
  strictEqual(skiffSettings({ redisClient: backend }).backend, backend);
  ok("raft" in skiffSettings({ redis: { url: "https://x.example", token: "t" } }).backend);
});

Deno.test("new Skiff() refuses bad options by name, and shows no secret", () => {
  const bad: [unknown, RegExp][] = [
    [{ heartbeatIntervall: 1 }, /heartbeatIntervall/],
    [{ autoListen: "yes" }, /autoListen.*"yes"$/],
    [{ transport: "carrier-pigeon" }, /transport/],
    [{ transport: {} }, /transport/],
    [{ redis: "redis://secret" }, /redis must/],
    [{ namespace: "" }, /namespace/],
    [{ heartbeatInterval: -1 }, /heartbeatInterval.*-1$/],
    [{ commandTimeout: 1.5 }, /commandTimeout/],
    [{ minElectionTimeout: 400 }, /minElectionTimeout.*400$/],
    [{ retainedLogEntries: "all" }, /retainedLogEntries/],
    [{ uuid: "x" }, /uuid/],
    [{ secret: 12345678 }, /secret/],
    ["options", /options/],
  ];
  for (const [options, message] of bad) {
    throws(
      () => skiffSettings(options as never),
      (error: Error & { code?: string }) =>
        error.code === "ERR_INVALID_OPTION" && message.test(error.message) &&
        !error.message.includes("redis://") && !error.message.includes("12345678"),
      JSON.stringify(options),
    );
  }
  throws(() => new Skiff("ftp://a"), { code: "ERR_UNSUPPORTED_PROTOCOL" });
});
