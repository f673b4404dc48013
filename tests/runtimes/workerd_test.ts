/**
 * What only workerd does: a promise of a request that has ended is dead for every other request. A flight that was left
 * behind must not take the next caller down with it.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { findRuntimes, needing, required } from "./find.ts";
import type { Server } from "../support/process.ts";
import { serveWorkerd } from "./workerd.ts";

/** What the first request of a flight does, and when the next one comes. */
interface Scenario {
  readonly name: string;
  /** How long the first one's creation takes, in milliseconds. */
  readonly createMs: number;
  /** When the first one answers without its creation, in milliseconds; undefined if it waits for it. */
  readonly leaveMs?: number;
  /** When the first one's client goes away, in milliseconds; undefined if it stays. */
  readonly abortMs?: number;
  /** When the next one comes, in milliseconds; undefined if it comes when the first one is answered. */
  readonly nextMs?: number;
  /** What the next one gets. */
  readonly got: "first" | "second";
}

const LEFT: Scenario = {
  name: "whose first request has answered already",
  createMs: 30_000,
  leaveMs: 0,
  got: "second",
};
const SCENARIOS: readonly Scenario[] = [
  { name: "whose first request stays", createMs: 100, nextMs: 50, got: "first" },
  LEFT,
  {
    name: "whose first request answers while the next one waits",
    createMs: 30_000,
    leaveMs: 100,
    nextMs: 50,
    got: "second",
  },
  {
    name: "whose first request has lost its client",
    createMs: 30_000,
    abortMs: 50,
    nextMs: 90,
    got: "second",
  },
];

/** How long the next request waits for its value, in milliseconds: less than the first one's creation takes. */
const NEXT_MS_MAX = 25_000;

/** What a request was answered. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

const workerd = (await findRuntimes()).get("workerd");

Deno.test({
  ...needing("workerd: the next caller of a flight", workerd),
  fn: async (t) => {
    await using worker = await flightsWorker();
    await t.step("goes down with a shared promise whose request has ended", async () => {
      const [{ status }] = await play(`${worker.url}/naive`, LEFT);
      strictEqual(status, 500);
    });
    for (const scenario of SCENARIOS) {
      await t.step(`of a cache has its value, ${scenario.name}`, async () => {
        const answers = await play(`${worker.url}/cache`, scenario);
        const expected = { status: 200, text: scenario.got };
        deepStrictEqual(answers, [expected, expected]);
      });
    }
  },
});

/** Serves the Worker whose requests share flights. */
async function flightsWorker(): Promise<Server> {
  const [program] = required(workerd).command;
  const folder = await Deno.makeTempDir({ prefix: "flights-" });
  const module = join(folder, "flights.mjs");
  await bundle("entries/flights.ts", module, { format: "esm" });
  const server = await serveWorkerd(program, module, { hasNode: false });
  return {
    ...server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Plays a scenario. Returns what the next request was answered, and one more after it. */
async function play(url: string, scenario: Scenario): Promise<[next: Answer, last: Answer]> {
  const { name, createMs, leaveMs, abortMs, nextMs } = scenario;
  const left = new AbortController();
  const leaving = leaveMs === undefined ? {} : { leaveMs: `${leaveMs}` };
  const first = ask(
    url,
    { key: name, value: "first", createMs: `${createMs}`, ...leaving },
    left.signal,
  )
    // A client that leaves has no answer.
    .catch(() => undefined);
  if (abortMs !== undefined) {
    await pause(abortMs);
    left.abort();
  }
  await (nextMs === undefined ? first : pause(nextMs - (abortMs ?? 0)));
  const limit = AbortSignal.timeout(NEXT_MS_MAX);
  const next = await ask(url, { key: name, value: "second" }, limit);
  const last = await ask(url, { key: name, value: "third" }, limit);
  await first;
  return [next, last];
}

async function ask(
  url: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await fetch(`${url}?${new URLSearchParams(query)}`, { signal });
  return { status: response.status, text: await response.text() };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
