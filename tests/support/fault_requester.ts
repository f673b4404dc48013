/**
 * The fault proxy's twin inside a process: a `Requester` that loses, doubles, delays and spoils what passes through it,
 * by seed and by rule, with no socket and with the test's own clock.
 *
 * @module
 */

import { malformed, statusFailure } from "../../adapters/redis/failures.ts";
import type { RedisRequest, Requester } from "../../adapters/redis/requester.ts";
import type { Clock } from "../../src/clock.ts";
import type { Random } from "../../src/random.ts";
import { sleep } from "../../src/waiting.ts";

/** What may happen to a request. */
export type Fault =
  /** The connection breaks before the server has the request. */
  | "drop-before"
  /** The connection breaks after the server has carried it out. */
  | "drop-after"
  /** It arrives late by up to `ms`. */
  | "delay"
  /** It arrives twice, the second time `ms` after the first. */
  | "double"
  /** It arrives after the next one, or after `ms`. */
  | "reorder"
  /** Its answer breaks off. */
  | "truncate"
  /** It is refused with status 429 and a page, and not carried out. */
  | "429"
  /** It is answered with status 503 and a page; whether it is carried out is a toss. */
  | "503"
  /** Its answer is no JSON. */
  | "garbage"
  /** It is carried out, and never answered. */
  | "hang"
  /** A stream ends after up to `ms`. */
  | "cut"
  /** A stream says nothing more after up to `ms`, and does not end. */
  | "silence";

/** When a fault strikes. */
export interface FaultRule {
  /** Which. */
  readonly fault: Fault;
  /** With what probability, in [0, 1]. */
  readonly chance: number;
  /** Only requests whose path and body, as text, match. */
  readonly match?: RegExp;
  /** Its time, in milliseconds. Default 20. */
  readonly ms?: number;
}

/** A requester with faults. */
export interface FaultRequester extends Requester {
  /** The rules as they are now; the first that strikes counts. */
  rules: readonly FaultRule[];
  /** How often each fault struck. */
  readonly struck: Partial<Record<Fault, number>>;
  /** Resolves when nothing doubled is under way any more. */
  idle(): Promise<void>;
}

/** What a fault requester works with. */
export interface FaultRequesterOptions {
  /** Where it reads the time. */
  readonly clock: Clock;
  /** Where it rolls the dice. */
  readonly random: Random;
  /** The rules to begin with. */
  readonly rules?: readonly FaultRule[];
}

/** Each fault of a request at the same chance: what a store must bear. */
export function everyFault(chance: number, ms = 20): FaultRule[] {
  const faults: Fault[] = [
    "drop-before",
    "drop-after",
    "delay",
    "double",
    "reorder",
    "truncate",
    "429",
    "503",
    "garbage",
  ];
  return faults.map((fault) => ({ fault, chance, ms }));
}

const OF_STREAMS: readonly Fault[] = ["cut", "silence"];

/** Wraps a requester. */
export function faultRequester(
  inner: Requester,
  { clock, random, rules = [] }: FaultRequesterOptions,
): FaultRequester {
  const under = new Set<Promise<unknown>>();
  const struck: Partial<Record<Fault, number>> = {};
  let overtaken = (): void => {};

  const pick = (request: RedisRequest): FaultRule | undefined => {
    const text = `/${request.path?.join("/") ?? ""} ${JSON.stringify(request.body) ?? ""}`;
    return wrapper.rules.find((rule) =>
      OF_STREAMS.includes(rule.fault) === (request.isStreaming === true) &&
      (rule.match?.test(text) ?? true) && random.float() < rule.chance
    );
  };

  const pass = (request: RedisRequest): Promise<unknown> => {
    const passing = inner.request(request);
    overtaken();
    return passing;
  };

  /** Sends a request that nobody waits for, so nobody can abort it either. */
  const passUnseen = (request: RedisRequest): void => {
    const { signal: _, ...rest } = request;
    const passing = pass(rest).catch(() => {}).finally(() => under.delete(passing));
    under.add(passing);
  };

  const strike = async (request: RedisRequest, { fault, ms = 20 }: FaultRule): Promise<unknown> => {
    const { signal } = request;
    switch (fault) {
      case "drop-before":
        throw new TypeError("connection reset");
      case "drop-after":
        await pass(request);
        throw new TypeError("connection reset");
      case "delay":
        await sleep(clock, random.float() * ms, { signal });
        return await pass(request);
      case "double": {
        const later = sleep(clock, ms).then(() => passUnseen(request))
          .finally(() => under.delete(later));
        under.add(later);
        return await pass(request);
      }
      case "reorder": {
        const overtaking = new AbortController();
        overtaken = () => overtaking.abort();
        // Either way it is this one's turn then.
        await sleep(clock, ms, { signal: overtaking.signal }).catch(() => {});
        signal?.throwIfAborted();
        return await pass(request);
      }
      case "truncate":
        await pass(request);
        throw new TypeError("error reading a body from connection");
      case "429":
        throw statusFailure(429);
      case "503":
        if (random.float() < 0.5) await pass(request);
        throw statusFailure(503);
      case "garbage":
        await pass(request);
        throw malformed("its answer is not JSON");
      case "hang":
        passUnseen(request);
        return await sleep(clock, Infinity, { signal });
      case "cut":
      case "silence":
        return await spoiled(request, fault, random.float() * ms);
    }
  };

  const spoiled = async (
    request: RedisRequest,
    fault: "cut" | "silence",
    ms: number,
  ): Promise<unknown> => {
    const stop = new AbortController();
    const cancel = clock.after(ms, () => stop.abort());
    const leave = (): void => stop.abort();
    request.signal?.addEventListener("abort", leave, { once: true });
    const streaming = inner.request({ ...request, signal: stop.signal });
    try {
      return await streaming;
    } catch (error) {
      // Our own cut; anything else is the stream's.
      request.signal?.throwIfAborted();
      if (!stop.signal.aborted) throw error;
      if (fault === "silence") await sleep(clock, Infinity, { signal: request.signal });
      return { result: "ended" };
    } finally {
      cancel();
      request.signal?.removeEventListener("abort", leave);
    }
  };

  const wrapper: FaultRequester = {
    rules,
    struck,
    idle: async () => {
      while (under.size > 0) await Promise.allSettled(under);
    },
    request: async (request) => {
      const rule = pick(request);
      if (rule === undefined) return await pass(request);
      struck[rule.fault] = (struck[rule.fault] ?? 0) + 1;
      return await strike(request, rule);
    },
  };
  return wrapper;
}
