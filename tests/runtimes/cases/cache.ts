/**
 * The cache on its memory store, made at module scope, under both kinds of isolation.
 *
 * @module
 */

import { memoryCacheStore } from "../../../adapters/memory/cache.ts";
import type { Isolation } from "../../../src/backend.ts";
import { type CacheBackend, createCache } from "../../../src/cache/mod.ts";
import { type Clock, systemClock } from "../../../src/clock.ts";
import { systemRandom } from "../../../src/random.ts";
import { equal, fails, ok } from "../../contracts/assert.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import type { Case } from "../case.ts";

const CALLERS = 100;

function casesOf(isolation: Isolation): readonly Case[] {
  const cache = createCache(backendOf(isolation, systemClock()), { name: "smoke", ttl: "1m" });
  const clock = manualClock();
  const aging = createCache(backendOf(isolation, clock), { name: "aging", ttl: "10s" });
  const named = (behaviour: string) => `Cache ${behaviour} (isolation: ${isolation})`;
  return [
    {
      name: named("creates once for concurrent callers"),
      run: async () => {
        let creations = 0;
        const values = await Promise.all(
          Array.from({ length: CALLERS }, () =>
            cache.getOrCreate("once", async () => {
              await later(5);
              return { creation: ++creations };
            })),
        );
        equal(creations, 1);
        ok(values.every((value) => value.creation === 1), "everyone gets the one value");
        equal(await cache.get("once"), { creation: 1 });
      },
    },
    {
      name: named("fails once for concurrent callers, with the creator's own error"),
      run: async () => {
        let creations = 0;
        const refusal = new Error("refused");
        const results = await Promise.allSettled(
          Array.from({ length: CALLERS }, () =>
            cache.getOrCreate("failing", async () => {
              creations++;
              await later(5);
              throw refusal;
            })),
        );
        equal(creations, 1);
        ok(
          results.every((result) => result.status === "rejected" && result.reason === refusal),
          "everyone gets the one error",
        );
        equal(await cache.get("failing"), undefined);
      },
    },
    {
      name: named("forgets an entry when its time to live is over"),
      run: async () => {
        let creations = 0;
        const create = () => ++creations;
        equal(await aging.getOrCreate("old", create), 1);
        await clock.advance(9_999);
        equal(await aging.getOrCreate("old", create), 1);
        await clock.advance(2);
        equal(await aging.getOrCreate("old", create), 2);
      },
    },
    {
      name: named("keeps what JSON would lose"),
      run: async () => {
        const value = {
          at: new Date(86_400_000),
          map: new Map([["a", 1n]]),
          set: new Set(["x"]),
          bytes: Uint8Array.of(0, 255),
          nothing: undefined,
        };
        await cache.set("rich", value);
        equal(await cache.get("rich"), value);
        await cache.delete("rich");
        equal(await cache.get("rich"), undefined);
      },
    },
    {
      name: named("serves the stale value and hands the next creation to waitUntil"),
      run: async () => {
        const work: Promise<unknown>[] = [];
        const view = aging.with({ waitUntil: (promise) => void work.push(promise) });
        equal(await view.getOrCreate("stale", () => "first", { stale: "1m" }), "first");
        await clock.advance(11_000);
        equal(await view.getOrCreate("stale", () => "second", { stale: "1m" }), "first");
        ok(work.length > 0, "the host is told to wait");
        await Promise.all(work);
        equal(await view.get("stale"), "second");
      },
    },
    {
      name: named("ends one caller's waiting by its signal, and not the others'"),
      run: async () => {
        const controller = new AbortController();
        const create = () => later(30).then(() => "made");
        const staying = cache.getOrCreate("abort", create);
        const leaving = cache.getOrCreate("abort", create, { signal: controller.signal })
          .then(() => "made", (reason) => reason);
        controller.abort("enough");
        equal(await leaving, "enough");
        equal(await staying, "made");
      },
    },
    {
      name: named("fails with a code when a creation takes longer than its time limit"),
      run: async () => {
        const endless = () => new Promise<string>(() => {});
        await fails("ERR_TIMEOUT", () => cache.getOrCreate("endless", endless, { timeout: 20 }));
      },
    },
  ];
}

/** As much of a backend as a cache needs. */
function backendOf(isolation: Isolation, clock: Clock): CacheBackend {
  return { clock, random: systemRandom(), isolation, cache: memoryCacheStore({ clock }) };
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Cases of `createCache`. */
export const cacheCases: readonly Case[] = [...casesOf("process"), ...casesOf("request")];
