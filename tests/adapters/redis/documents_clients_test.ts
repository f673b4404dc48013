/**
 * Clients of documents in processes of their own, on one Redis.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { EDITS } from "../../simulation/documents/edits.ts";
import { party } from "../../support/documents/editing.ts";
import { testServer } from "../../support/documents/server.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const EDITS_EACH = 30;
const SECRET = "the secret of all processes";

redisTest(
  "clients in two processes end with the same document, nothing lost or doubled",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    const { url, token } = gateway;
    await using documents = createDocuments(redis({ url, token }), { secret: SECRET });
    await documents.submit("things", "1", { create: { data: { l: [] } } });
    const program = new URL("../../support/documents/editor_program.ts", import.meta.url).pathname;
    const names = ["a", "b"];
    const all = names.length * EDITS_EACH;
    const outputs = await Promise.all(
      names.map((name) =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-check", program, url, token, name, `${EDITS_EACH}`, `${all}`],
        }).output()
      ),
    );
    const seen = outputs.map(({ stdout }) => JSON.parse(new TextDecoder().decode(stdout)));
    const { data } = await documents.fetch("things", "1");
    const { l } = data as { l: string[] };
    deepStrictEqual(seen, [l, l]);
    strictEqual(new Set(l).size, all);
    strictEqual(l.length, all);
  },
);

const SEED = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

redisTest(
  `clients of two servers on one Redis end alike over ways that break (SEED=${SEED})`,
  async () => {
    await using redisServer = await startRedis();
    await using gateway = await startGateway(redisServer);
    const { url, token } = gateway;
    const servers = [0, 1].map(() =>
      testServer(redis({ url, token }), { server: { secret: SECRET, isShared: true } })
    );
    let turn = 0;
    const [edits] = EDITS;
    ok(edits !== undefined);
    const open = () => {
      const next = servers[turn++ % servers.length];
      if (next === undefined) throw new Error("There are two servers");
      return next.link("");
    };
    const { data, acknowledged } = await party({ open, edits, seed: SEED, clients: 4 });
    const { log } = data as { log: Record<string, number> };
    for (const mark of acknowledged) ok(Object.hasOwn(log, mark), `${mark} was lost`);
    for (const one of servers) one.close();
  },
);

redisTest(
  "a Redis that is flushed under its clients refuses what waits, and is never merged",
  async () => {
    await using redisServer = await startRedis();
    await using gateway = await startGateway(redisServer);
    const { url, token } = gateway;
    await using documents = createDocuments(redis({ url, token }), { secret: SECRET });
    const [a, b] = [documents.connect({ retry: 5 }), documents.connect({ retry: 5 })];
    const [mine, theirs] = [a.get("things", "1"), b.get("things", "1")];
    await mine.create({ l: ["old"] });
    await Promise.all([mine.subscribe(), theirs.subscribe()]);
    await theirs.submit([{ p: ["l", 0], li: "older" }]);
    mine.pause();
    const late = mine.submit([{ p: ["l", 0], li: "late" }]);
    late.catch(() => {});
    await redisServer.command("FLUSHALL");
    await documents.submit("things", "1", { create: { data: { l: ["new"] } } });
    for (const li of ["n1", "n2"]) {
      await documents.submit("things", "1", { op: [{ p: ["l", 0], li }] });
    }
    mine.resume();
    await rejects(late, { code: "ERR_DOC_EPOCH" });
    await mine.fetch();
    deepStrictEqual(mine.data, { l: ["n2", "n1", "new"] });
    await theirs.submit([{ p: ["l", 0], li: "x" }]).catch(() => {});
    await theirs.fetch();
    const { data } = await documents.fetch("things", "1");
    await mine.fetch();
    deepStrictEqual([mine.data, theirs.data], [data, data]);
    ok(!JSON.stringify(data).includes("old"), "nothing of the old document is in the new one");
    a.close();
    b.close();
  },
);
