/**
 * What the servers of the bench of sync have in common: what they broadcast, and how they are told to.
 *
 * @module
 */

import process from "node:process";
import { memory } from "../../adapters/memory/mod.ts";
import { createModel, defineModel } from "../../src/models/mod.ts";
import { createSync, type SyncHub } from "../../src/sync/mod.ts";
import { z } from "zod";

/** Broadcasts once, with the time in it. */
export type Broadcast = () => unknown;

/** About 200 bytes of JSON, with the time at which it was made. */
export function message(): { readonly text: string; readonly at: number } {
  return { text: "x".repeat(40), at: performance.timeOrigin + performance.now() };
}

/** A hub in memory, and what makes it broadcast. */
export function hubInMemory(): { readonly hub: SyncHub; readonly broadcast: Broadcast } {
  const backend = memory();
  const schema = z.object({ text: z.string(), at: z.number() });
  const model = createModel(backend, defineModel({ key: "event", name: "Event", schema }));
  const hub = createSync(backend, { models: [model] });
  return { hub, broadcast: () => model.create(message()) };
}

/** What a bare server sends: the same text as the hub does, made once. */
export function bareText(seq: number): string {
  const data = { id: seq, ...message(), $version: `${seq}-AAAAAAAA` };
  const cursor = `AAAAAAAA.${seq}.AAAAAAAA`;
  return JSON.stringify({ event: "Event:upsert", data, seq, cursor, v: data.$version });
}

/** Answers what the bench asks of a server: to broadcast, and what it has used so far. */
export async function commanded(path: string, broadcast: Broadcast): Promise<object> {
  const [, verb, count = "0", pauseMs = "0"] = path.split("/");
  if (verb === "broadcast") {
    for (let i = 0; i < Number(count); i++) {
      await broadcast();
      await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
    }
  }
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage().rss };
}
