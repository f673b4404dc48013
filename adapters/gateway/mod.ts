/**
 * A REST front for a Redis of one's own, which speaks the protocol of Upstash.
 *
 * Clients of Upstash, this library's own among them, then work on any Redis, Valkey or Redis Cluster: on one's own
 * machine while developing, or beside a server in one's own network. As a program: `deno task gateway --redis …`.
 *
 * Runs on Deno, Node and Bun.
 *
 * @module
 */

export { createGateway, type Gateway } from "./gateway.ts";
export type { GatewayLimits, GatewayOptions } from "./options.ts";
export type { GatewayCounters } from "./counters.ts";
export { type Served, type ServedGateway, serveGateway, type ServeOptions } from "./serve.ts";
