/**
 * Processes that are killed while they edit a document in a Redis with another one behind: whatever step each was at, no
 * acknowledged operation is lost, and no version is used twice.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisDocumentStore } from "../../../adapters/redis/documents.ts";
import { journaledStore } from "../../../src/documents/journaled_store.ts";
import { journalOf } from "../../../src/documents/journaled.ts";
import { seededRandom } from "../../../src/random.ts";
import { author, coreOn, must, snapshotIn } from "../../support/documents/core.ts";
import { type Running, startDeno } from "../../support/process.ts";
import { startGateway, type TestGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const SEED = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
/** So often two processes are started and killed; in between the store in front is wiped. */
const ROUNDS = 10;
/** A process is killed at most so long after its first acknowledged edit, in milliseconds. */
const LIFE_MS_MAX = 100;

redisTest(
  `Two stores keep every acknowledged edit of killed processes (SEED=${SEED})`,
  async () => {
    const random = seededRandom(SEED);
    await using stack = new AsyncDisposableStack();
    const front = stack.use(await startRedis());
    const behind = stack.use(await startRedis({ isDurable: true }));
    const gateways = [
      stack.use(await startGateway(front, { isStrict: true })),
      stack.use(await startGateway(behind, { isStrict: true })),
    ] as const;
    const fresh = () => {
      const [store, kept] = [storeOn(gateways[0]), storeOn(gateways[1])];
      return coreOn({ ...memory(), documents: journaledStore(store, journalOf(kept)) });
    };
    await author(fresh(), "o").create({ l: [] });
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const running = await Promise.all(["a", "b"].map((one) => start(gateways, `${one}${round}`)));
      await Promise.all(running.map(async (one) => {
        await new Promise((resolve) => setTimeout(resolve, random.float() * LIFE_MS_MAX));
        await one[Symbol.asyncDispose]();
      }));
      for (const [text, version] of running.flatMap(acknowledgedBy)) {
        acknowledged.set(
          text,
          version,
        );
      }
      if (round % 2 === 1) await front.command("FLUSHALL");
      await holds(fresh(), acknowledged);
      // What the journal has, whatever was in front.
      await front.command("FLUSHALL");
      await holds(fresh(), acknowledged);
    }
    must(await author(fresh(), "z").edit([{ p: ["l", 0], li: "z" }]), "committed");
  },
);

/** Each acknowledged edit is there once, the versions are dense, and each edit has the version that was told. */
async function holds(
  core: ReturnType<typeof coreOn>,
  acknowledged: ReadonlyMap<string, number>,
): Promise<void> {
  const { data, version } = await snapshotIn(core);
  const { l } = data as { readonly l: readonly string[] };
  strictEqual(new Set(l).size, l.length);
  strictEqual(version, l.length + 1);
  strictEqual(new Set(acknowledged.values()).size, acknowledged.size, "no version is told twice");
  for (const [text, at] of acknowledged) {
    // All are inserted at the head, and so stand from the last to the first.
    strictEqual(l[l.length - at], text, `${text} is kept at its version`);
  }
  const replayed = await core.history("things", "1", { version });
  deepStrictEqual(replayed.data, data);
}

function acknowledgedBy(one: Running): readonly (readonly [string, number])[] {
  // The last line may have been cut.
  const lines = one.printed().split("\n").slice(0, -1);
  ok(lines.length > 0, "it has written");
  return lines.map((line) => {
    const [text = "", version] = line.split(" ");
    return [text, Number(version)] as const;
  });
}

function start(
  [front, behind]: readonly [TestGateway, TestGateway],
  name: string,
): Promise<Running> {
  const program = "tests/support/documents/journaled_writer_program.ts";
  const stores = [front.url, front.token, behind.url, behind.token];
  return startDeno(
    ["run", "-A", "--no-check", program, ...stores, name],
    new RegExp(`${name}\\.\\d+ \\d+\\n`),
  );
}

function storeOn({ url, token }: TestGateway) {
  return redisDocumentStore(connectRedis({ url, token }));
}
