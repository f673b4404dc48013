/**
 * The gateway beside the least that an HTTP server can do, and our client beside Upstash's.
 *
 * Gateway, bare server and redis-server are processes of their own, so that what this process uses is the client's.
 * What the issue asks for stands beside the figures: half the requests of a bare `Deno.serve`, four times the commands
 * in pipelines of 100, 1,000 event streams in 200 MB.
 *
 * @module
 */

import { Redis } from "@upstash/redis";
import process from "node:process";
import { connectRedis, type RedisCommand } from "../adapters/redis/connection.ts";
import { type RedisServer, startRedis } from "../tests/support/redis/server.ts";
import { compare, figures, measure, peer, type Row, type Table } from "./harness.ts";
import {
  BENCH_TOKEN,
  type Program,
  startGatewayProgram,
  startProgram,
} from "./support/programs.ts";
import { rawLoad } from "./raw_load.ts";

const VALUE = "x".repeat(100);
const KEY = "bench:key";
const PIPELINE = 100;
const STREAMS = 1_000;

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  await using redis = await startRedis();
  await redis.command("SET", KEY, VALUE);
  await using gateway = await startGatewayProgram(redis);
  await using bare = await startBareProgram();
  return [
    await requestsByFetch(gateway, bare),
    await requestsByRawSockets(gateway, bare),
    await pipelines(gateway),
    await clientCpu(gateway),
    await eventStreams(redis),
  ];
}

async function requestsByFetch(gateway: Program, bare: Program): Promise<Table> {
  const table = await compare("GET requests, 64 in flight, by fetch", {
    "gateway": () => post(gateway.url, ["GET", KEY]),
    "Deno.serve answering a constant": () => post(bare.url, ["GET", KEY]),
  }, { inFlight: 64, roundMs: 500 });
  return withRatio(table, "of the bare server's, at least 0.5 wanted");
}

/** The sterner measure: a client that costs next to nothing, so that the server alone sets the pace. */
async function requestsByRawSockets(gateway: Program, bare: Program): Promise<Table> {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < 6; round++) {
    for (const [at, { url }] of [gateway, bare].entries()) {
      const rate = await rawLoad(url, request("/", ["GET", KEY]), { connections: 64, ms: 700 });
      if (round > 0) rates[at]?.push(rate);
    }
  }
  const [ours, theirs] = rates.map((all) => all.toSorted((a, b) => a - b)[2] ?? NaN);
  return withRatio({
    title: "GET requests, 64 connections, by raw sockets",
    unit: "requests/s",
    rows: [
      { name: "gateway", value: ours ?? NaN },
      { name: "Deno.serve answering a constant", value: theirs ?? NaN },
    ],
  }, "of the bare server's");
}

async function pipelines(gateway: Program): Promise<Table> {
  const commands = Array.from({ length: PIPELINE }, () => ["GET", KEY]);
  const many = await measure(
    () => post(`${gateway.url}/pipeline`, commands),
    { inFlight: 16, opsPerCall: PIPELINE, roundMs: 400 },
  );
  const single = await measure(() => post(gateway.url, ["GET", KEY]), {
    inFlight: 64,
    roundMs: 400,
  });
  return withRatio({
    title: `GET commands, in pipelines of ${PIPELINE} and one by one`,
    unit: "commands/s",
    rows: [
      { name: `pipelines of ${PIPELINE}`, value: many.opsPerSecond },
      { name: "single requests", value: single.opsPerSecond },
    ],
  }, "times as many, at least 4 wanted");
}

async function clientCpu(gateway: Program): Promise<Table> {
  const { client } = connectRedis({ url: gateway.url, token: BENCH_TOKEN });
  const theirs = new Redis({ url: gateway.url, token: BENCH_TOKEN });
  const commands = Array.from({ length: PIPELINE }, (): RedisCommand => ["GET", KEY]);
  const ourCommand = () => client.command(["GET", KEY], { effect: "read" });
  const ourPipeline = () => client.pipeline(commands, { effect: "read" });
  const theirPipeline = async () => {
    const pipeline = theirs.pipeline();
    for (let i = 0; i < PIPELINE; i++) pipeline.get(KEY);
    await pipeline.exec();
  };
  const them = peer("@upstash/redis");
  return figures("CPU of the client per GET, value of 100 bytes", "µs", {
    "Holdfast, one at a time": await cpuMicros(ourCommand, 3_000, 1),
    [`${them}, one at a time`]: await cpuMicros(() => theirs.get(KEY), 3_000, 1),
    [`Holdfast, pipelines of ${PIPELINE}`]: await cpuMicros(ourPipeline, 600, PIPELINE),
    [`${them}, pipelines of ${PIPELINE}`]: await cpuMicros(theirPipeline, 600, PIPELINE),
  });
}

/** CPU time of this process per command. */
async function cpuMicros(
  call: () => Promise<unknown>,
  calls: number,
  commandsPerCall: number,
): Promise<number> {
  for (let i = 0; i < calls / 4; i++) await call();
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls / commandsPerCall;
}

/** In a fresh process, because what a busy one has grown to says nothing of its streams. */
async function eventStreams(redis: RedisServer): Promise<Table> {
  await using gateway = await startGatewayProgram(redis);
  const before = await residentMb(gateway.pid);
  await using stack = new AsyncDisposableStack();
  const connections: Deno.TcpConn[] = [];
  const chunk = new Uint8Array(4_096);
  for (let i = 0; i < STREAMS; i++) {
    const { hostname, port } = new URL(gateway.url);
    const connection = stack.use(await Deno.connect({ hostname, port: Number(port) }));
    await connection.write(request(`/subscribe/channel${i % 10}`, undefined));
    await connection.read(chunk);
    connections.push(connection);
  }
  for (let i = 0; i < 10; i++) await redis.command("PUBLISH", `channel${i}`, VALUE);
  for (const connection of connections) await connection.read(chunk);
  return {
    title: `${STREAMS} open event streams, each with a message`,
    unit: "MB resident",
    rows: [
      { name: "gateway", value: await residentMb(gateway.pid), note: "at most 200 wanted" },
      { name: "gateway without streams", value: before },
    ],
  };
}

function withRatio(table: Table, what: string): Table {
  const [ours, theirs, ...rest] = table.rows;
  if (ours === undefined || theirs === undefined) return table;
  const ratio = `${(ours.value / theirs.value).toFixed(2)} ${what}`;
  const note = ours.note === undefined ? ratio : `${ours.note}; ${ratio}`;
  const first: Row = { ...ours, note };
  return { ...table, rows: [first, theirs, ...rest] };
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${BENCH_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await response.json();
}

function request(path: string, body: unknown): Uint8Array {
  const text = body === undefined ? "" : JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: localhost",
    `authorization: Bearer ${BENCH_TOKEN}`,
    "content-type: application/json",
    `content-length: ${text.length}`,
  ];
  return new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${text}`);
}

async function residentMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
}

function startBareProgram(): Promise<Program> {
  const answer = JSON.stringify({ result: VALUE });
  return startProgram([
    "eval",
    `const init = { headers: { "content-type": "application/json" } };
    const onListen = ({ port }) => console.log("http://127.0.0.1:" + port);
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, () => new Response('${answer}', init));`,
  ]);
}
