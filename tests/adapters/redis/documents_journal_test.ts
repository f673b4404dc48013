import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisDocumentStore } from "../../../adapters/redis/documents.ts";
import { systemClock } from "../../../src/clock.ts";
import { journalOf } from "../../../src/documents/journaled.ts";
import { sleep } from "../../../src/waiting.ts";
import { documentFrontContract } from "../../contracts/document_front.ts";
import { documentJournalContract } from "../../contracts/document_journal.ts";
import { twoStoresSuite } from "../../support/documents/two_stores.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

documentFrontContract((name, run) => redisTest(`${name}, on Redis`, run), async () => {
  const bench = await open();
  return { ...bench, peer: () => Promise.resolve(bench.made()), store: bench.made() };
});

documentJournalContract(
  (name, run) => redisTest(`${name}, on a Redis that syncs always`, run),
  async () => {
    const bench = await open();
    const made = () => journalOf(bench.made());
    return { ...bench, peer: () => Promise.resolve(made()), store: made() };
  },
);

async function open() {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis({ isDurable: true }));
  const { url, token } = stack.use(await startGateway(redis, { isStrict: true }));
  return {
    made: () => redisDocumentStore(connectRedis({ url, token })),
    advance: (ms: number) => sleep(systemClock(), ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

twoStoresSuite((name, run) => redisTest(`${name}, on Redis and on Redis`, run), async () => {
  const stack = new AsyncDisposableStack();
  const [redis, durable] = [
    stack.use(await startRedis()),
    stack.use(await startRedis({ isDurable: true })),
  ];
  const gateway = stack.use(await startGateway(redis, { isStrict: true }));
  const behind = stack.use(await startGateway(durable, { isStrict: true }));
  const on = ({ url, token }: typeof gateway) => redisDocumentStore(connectRedis({ url, token }));
  return {
    front: () => on(gateway),
    journal: () => journalOf(on(behind)),
    flush: async () => {
      await redis.command("FLUSHALL");
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
});
