/**
 * What a live Redis behind REST lets scripts do, what it counts, and how long it takes.
 *
 * @module
 */

import type { RedisConnection } from "../../adapters/redis/connection.ts";
import { readEventStream } from "../../adapters/redis/event_stream.ts";
import type { RedisCommand, RedisReply } from "../../adapters/redis/reply.ts";
import { HoldfastError } from "../../src/errors.ts";
import { type LiveTarget, openLive } from "./target.ts";

/** What was found out. */
export interface Probe {
  /** What was asked. */
  readonly name: string;
  /** The answer, for people. */
  readonly finding: string;
}

type Ask = (connection: RedisConnection, idleSeconds: number) => Promise<string>;

const PROBES: readonly (readonly [name: string, ask: Ask])[] = [
  ["lock flag in scripts", lockFlag],
  ["PUBLISH in scripts", (connection) => inScript(connection, "PUBLISH", "probe", "x")],
  ["TIME in scripts", (connection) => inScript(connection, "TIME")],
  ["billing of scripts", billing],
  ["latency of a command", (connection) => latency(connection, ["PING"])],
  ["latency of a script", scriptLatency],
  ["idle stream", idleStream],
];

const ROUNDS = 30;

/**
 * Asks everything, in order.
 *
 * @throws {HoldfastError} if the store cannot be reached, or refuses the token.
 */
export async function* probeAll(
  target: LiveTarget,
  idleSeconds: number,
): AsyncGenerator<Probe, void, void> {
  await using live = openLive(target);
  const connection = live.connect();
  await command(connection, ["PING"]);
  for (const [name, ask] of PROBES) yield { name, finding: await ask(connection, idleSeconds) };
}

function command({ client }: RedisConnection, line: RedisCommand): Promise<RedisReply> {
  return client.command(line, { effect: "read" });
}

function keyOf({ namespace }: RedisConnection): string {
  return `${namespace}:{live:probe}:key`;
}

async function lockFlag(connection: RedisConnection): Promise<string> {
  const script = "#!lua flags=allow-key-locking\nreturn redis.call('GET', KEYS[1])";
  try {
    await command(connection, ["EVAL", script, 1, keyOf(connection)]);
    return "taken: scripts lock their own keys, not the database";
  } catch (error) {
    if (!HoldfastError.is(error, "ERR_SCRIPT_FAILED")) throw error;
    return "refused: scripts are sent without it, and lock the database while they run";
  }
}

async function inScript(connection: RedisConnection, ...line: readonly string[]): Promise<string> {
  const [name = "", ...args] = line;
  const call = ["'" + name + "'", ...args.map((_, at) => `ARGV[${at + 1}]`)].join(", ");
  const script = `local answer = redis.pcall(${call})
    if type(answer) == 'table' and answer.err then return 'refused' end
    return 'allowed'`;
  const channel = args.map((arg, at) => at === 0 ? `${connection.namespace}:${arg}` : arg);
  return String(await command(connection, ["EVAL", script, 1, keyOf(connection), ...channel]));
}

/** By the server's own statistics: whether what a script calls is counted beside the script itself. */
async function billing(connection: RedisConnection): Promise<string> {
  const script = "redis.call('GET', KEYS[1]) return redis.call('GET', KEYS[1])";
  const before = await callsOf(connection, "get");
  if (before === undefined) return "not told: INFO commandstats is not served here";
  await command(connection, ["EVAL", script, 1, keyOf(connection)]);
  const inner = (await callsOf(connection, "get") ?? 0) - before;
  return inner >= 2 ? "a script and every call in it are counted" : "a script is counted as one";
}

async function callsOf(connection: RedisConnection, name: string): Promise<number | undefined> {
  try {
    const info = String(await command(connection, ["INFO", "commandstats"]));
    if (!info.includes("cmdstat_")) return undefined;
    return Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
  } catch (error) {
    if (!HoldfastError.is(error, "ERR_SCRIPT_FAILED")) throw error;
    return undefined;
  }
}

async function scriptLatency(connection: RedisConnection): Promise<string> {
  const script = "return redis.call('GET', KEYS[1])";
  return await latency(connection, ["EVAL", script, 1, keyOf(connection)]);
}

async function latency(connection: RedisConnection, line: RedisCommand): Promise<string> {
  const tookMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    await command(connection, line);
    tookMs.push(performance.now() - startMs);
  }
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => (tookMs[Math.floor(share * (ROUNDS - 1))] ?? 0).toFixed(1);
  return `median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, of ${ROUNDS} one after the other`;
}

/** Whether a subscription on which nothing is said stays open, and whether it is still alive then. */
async function idleStream(connection: RedisConnection, idleSeconds: number): Promise<string> {
  const stop = new AbortController();
  const channel = `${connection.namespace}:idle`;
  const startMs = performance.now();
  let lastSign = "";
  let signs = 0;
  const onData = (data: string): void => {
    signs++;
    if (data !== "") lastSign = data;
  };
  const stream = connection.client.stream(["subscribe", channel], {
    signal: stop.signal,
    onData,
    read: readEventStream,
  })
    .then(() => "closed", () => stop.signal.aborted ? "open" : "closed");
  const wait = AbortSignal.timeout(idleSeconds * 1_000);
  const waited = new Promise<string>((resolve) => wait.onabort = () => resolve("open"));
  const state = await Promise.race([stream, waited]);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(0);
  if (state === "closed") return `closed by the server after ${seconds} s of silence`;
  const signsBefore = signs;
  await command(connection, ["PUBLISH", channel, "alive"]);
  const untilMs = performance.now() + 5_000;
  while (!lastSign.endsWith("alive") && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const isAlive = lastSign.endsWith("alive");
  stop.abort();
  await stream;
  return isAlive
    ? `open and alive after ${seconds} s of silence (${signsBefore} signs of life meanwhile)`
    : `open after ${seconds} s of silence, but dead: it hears nothing`;
}
