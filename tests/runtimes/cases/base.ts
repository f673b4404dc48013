/**
 * The base of the core: errors, durations, events, dice, codes, clocks, JSON and schemas.
 *
 * @module
 */

import { systemClock } from "../../../src/clock.ts";
import { durationMs } from "../../../src/duration.ts";
import { ArgumentError, HoldfastError } from "../../../src/errors.ts";
// A second copy of the same module, as the ESM and CommonJS builds of one package are.
import { ArgumentError as OtherArgumentError } from "../../../src/errors.ts?copy";
import { Emitter } from "../../../src/events.ts";
import { parseJson } from "../../../src/json.ts";
import { mac, macMatches } from "../../../src/mac.ts";
import { once } from "../../../src/once.ts";
import { randomInteger, randomToken, seededRandom, systemRandom } from "../../../src/random.ts";
import { sleep, withDeadline } from "../../../src/waiting.ts";
import { equal, fails, ok } from "../../contracts/assert.ts";
import type { Case } from "../case.ts";

const clock = systemClock();
const random = systemRandom();
const backendOf = once((env: { readonly name: string }) => ({ name: env.name }));
const emitter = new Emitter<{ readonly grown: number }>();

/** Cases of the base files. */
export const baseCases: readonly Case[] = [
  {
    name: "HoldfastError.is() knows an error of another copy of the module",
    run: () => {
      const error = new OtherArgumentError("ERR_INVALID_OPTION", "of the other copy");
      ok(!(error instanceof ArgumentError), "the copies are two classes");
      ok(HoldfastError.is(error, "ERR_INVALID_OPTION"), "the brand is one");
      ok(!HoldfastError.is(error, "ERR_TIMEOUT"), "the code counts");
      ok(error instanceof TypeError, "it is a TypeError as well");
    },
  },
  {
    name: "durationMs() reads units and refuses what has none",
    run: async () => {
      equal(durationMs("1.5h", "ttl"), 5_400_000);
      equal(durationMs(Infinity, "ttl"), Infinity);
      await fails("ERR_INVALID_OPTION", () => durationMs("60" as never, "ttl"));
    },
  },
  {
    name: "Emitter.on() hears events in order until its signal is aborted",
    run: () => {
      const controller = new AbortController();
      const heard: number[] = [];
      emitter.on("grown", (by) => heard.push(by), { signal: controller.signal });
      emitter.emit("grown", 1);
      emitter.emit("grown", 2);
      controller.abort();
      emitter.emit("grown", 3);
      equal(heard, [1, 2]);
      ok(!emitter.wants("grown"), "nobody listens any more");
    },
  },
  {
    name: "randomToken() gives URL-safe texts, never the same twice",
    run: () => {
      const tokens = Array.from({ length: 1_000 }, () => randomToken(random));
      ok(tokens.every((token) => /^[\w-]{22}$/.test(token)), "22 URL-safe characters each");
      equal(new Set(tokens).size, 1_000);
    },
  },
  {
    name: "seededRandom() rolls the same dice everywhere",
    run: () => {
      const seeded = seededRandom(7);
      equal(Array.from({ length: 8 }, () => randomInteger(seeded, 0, 1_000)), SEED_7_ROLLS);
    },
  },
  {
    name: "mac() gives the code of RFC 4231's second test case",
    run: async () => {
      const code = await mac("Jefe", "what do ya want for nothing?");
      equal(code, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM");
      ok(await macMatches("Jefe", "what do ya want for nothing?", code), "it matches its text");
      ok(!await macMatches("Jefe", "what do you want?", code), "it matches no other text");
    },
  },
  {
    name: "systemClock() calls back after the time and not when cancelled",
    run: async () => {
      const called: string[] = [];
      const start = clock.monotonic();
      const cancel = clock.after(1, () => called.push("cancelled"));
      cancel();
      await new Promise<void>((resolve) => clock.after(20, resolve));
      equal(called, []);
      ok(clock.monotonic() - start >= 15, "the time passed on the monotonic reading");
      ok(Math.abs(clock.now() - Date.now()) < 10_000, "the time of day is the host's");
    },
  },
  {
    name: "once() makes one value of the first environment that comes",
    run: () => {
      const first = backendOf({ name: "first" });
      equal(first, { name: "first" });
      ok(backendOf({ name: "second" }) === first, "the second call gives the same one");
    },
  },
  {
    name: "sleep() ends when its signal is aborted, with the signal's reason",
    run: async () => {
      const controller = new AbortController();
      const sleeping = sleep(clock, 60_000, { signal: controller.signal });
      controller.abort("woken");
      equal(await sleeping.catch((reason: unknown) => reason), "woken");
    },
  },
  {
    name: "withDeadline() gives up waiting, and stops the work, when the time is up",
    run: async () => {
      const late = new HoldfastError("ERR_TIMEOUT", "Cannot wait any longer");
      let stopped: unknown;
      const work = (signal: AbortSignal) =>
        new Promise<never>(() => {
          signal.addEventListener("abort", () => stopped = signal.reason);
        });
      await fails("ERR_TIMEOUT", () => withDeadline(clock, 10, work, () => late));
      ok(stopped === late, "the work hears of it");
      equal(await withDeadline(clock, 60_000, Promise.resolve("in time"), () => late), "in time");
    },
  },
  {
    name: "parseJson() refuses what is not JSON without quoting it",
    run: async () => {
      equal(parseJson('{"a":[1,null]}', "a message"), { a: [1, null] });
      const error = await fails("ERR_MALFORMED", () => parseJson("{secret", "a message"));
      ok(!error.message.includes("secret"), "the text is not in the message");
    },
  },
];

/** What seed 7 rolls first, written down once: every runtime must roll the same. */
const SEED_7_ROLLS = [233, 512, 448, 172, 565, 473, 513, 356];
