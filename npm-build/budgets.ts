/**
 * How large each thing may be that a user bundles: the table that `deno task sizes` holds the library against.
 *
 * Every door has a row, and every package that the library needs at run time. A row that is too small is raised in the
 * commit that needs the room, and says there what the bytes are for.
 *
 * @module
 */

/** The bound of one bundle, in bytes, minified and compressed by gzip. */
export type Budget =
  /** Everything that a door gives, without packages. */
  | { readonly door: string; readonly bytesMax: number }
  /** What a user's program takes of some doors, without packages. */
  | { readonly name: string; readonly code: string; readonly bytesMax: number }
  /** What a package adds to all doors together. */
  | { readonly package: string; readonly bytesMax: number };

/** All bounds. */
export const BUDGETS: readonly Budget[] = [
  { door: ".", bytesMax: 195_100 },
  { door: "./backbone", bytesMax: 19_250 },
  { door: "./cache", bytesMax: 14_100 },
  {
    name: "cache with memory store",
    code: `export { createCache } from "@holdfast/holdfast/cache";
      export { memoryCacheStore } from "@holdfast/holdfast/memory";`,
    bytesMax: 16_250,
  },
  {
    name: "cache with Redis store",
    code: `export { createCache } from "@holdfast/holdfast/cache";
      export { connectRedis, redisCacheStore } from "@holdfast/holdfast/redis/cache";`,
    bytesMax: 23_700,
  },
  { door: "./consensus/core", bytesMax: 12_000 },
  { door: "./documents/client", bytesMax: 27_800 },
  {
    name: "documents client, connection and JSON alone",
    code: `export { connectDocuments } from "@holdfast/holdfast/documents/client";`,
    bytesMax: 24_750,
  },
  { door: "./documents", bytesMax: 75_500 },
  {
    name: "documents with memory store",
    code: `export { createDocuments } from "@holdfast/holdfast/documents";
      export { memoryDocumentStore, memoryWakes } from "@holdfast/holdfast/memory";`,
    bytesMax: 79_900,
  },
  {
    name: "documents with Redis store",
    code: `export { createDocuments } from "@holdfast/holdfast/documents";
      export { connectRedis, redisDocumentStore } from "@holdfast/holdfast/redis/documents";
      export { redisWakes } from "@holdfast/holdfast/redis/wakes";`,
    bytesMax: 89_200,
  },
  { door: "./gateway", bytesMax: 13_900 },
  { door: "./http", bytesMax: 20_350 },
  { door: "./log", bytesMax: 8_800 },
  {
    name: "log with memory store",
    code: `export { createLog } from "@holdfast/holdfast/log";
      export { memoryLogStore, memoryWakes } from "@holdfast/holdfast/memory";`,
    bytesMax: 8_000,
  },
  {
    name: "log with Redis store",
    code: `export { createLog } from "@holdfast/holdfast/log";
      export { connectRedis, redisLogStore } from "@holdfast/holdfast/redis/log";
      export { redisWakes } from "@holdfast/holdfast/redis/wakes";`,
    bytesMax: 17_250,
  },
  {
    name: "http, a cache in front of pages",
    code: `export { createHandler, serveCache } from "@holdfast/holdfast/http";`,
    bytesMax: 9_350,
  },
  {
    name: "http, models",
    code: `export { createHandler, serveModels } from "@holdfast/holdfast/http";`,
    bytesMax: 14_150,
  },
  { door: "./memory", bytesMax: 17_200 },
  { door: "./models", bytesMax: 14_550 },
  {
    name: "models with memory store",
    code: `export { createModel, defineModel } from "@holdfast/holdfast/models";
      export { memoryModelStore, memoryWakes } from "@holdfast/holdfast/memory";`,
    bytesMax: 18_050,
  },
  {
    name: "models with Redis store",
    code: `export { createModel, defineModel } from "@holdfast/holdfast/models";
      export { connectRedis, redisModelStore } from "@holdfast/holdfast/redis/models";
      export { redisWakes } from "@holdfast/holdfast/redis/wakes";`,
    bytesMax: 31_800,
  },
  { door: "./ot", bytesMax: 10_650 },
  {
    name: "ot, JSON alone",
    code: `export { json } from "@holdfast/holdfast/ot";`,
    bytesMax: 8_200,
  },
  {
    name: "ot, text alone",
    code: `export { text } from "@holdfast/holdfast/ot";`,
    bytesMax: 2_600,
  },
  { door: "./path-model", bytesMax: 17_750 },
  { door: "./redis", bytesMax: 44_750 },
  {
    name: "connection to Redis",
    code: `export { connectRedis } from "@holdfast/holdfast/redis";`,
    bytesMax: 6_300,
  },
  { door: "./redis/cache", bytesMax: 11_800 },
  { door: "./redis/log", bytesMax: 11_100 },
  { door: "./redis/documents", bytesMax: 14_300 },
  { door: "./redis/models", bytesMax: 21_600 },
  { door: "./redis/presence", bytesMax: 8_700 },
  { door: "./redis/wakes", bytesMax: 8_550 },
  { door: "./sharedb", bytesMax: 14_100 },
  { door: "./testing", bytesMax: 31_600 },
  { door: "./cli", bytesMax: 73_000 },
  { door: "./consensus", bytesMax: 38_400 },
  {
    name: "node with memory store",
    code: `export { createNode, inProcess } from "@holdfast/holdfast/consensus";
      export { memoryRaftStore } from "@holdfast/holdfast/memory";`,
    bytesMax: 28_550,
  },
  {
    name: "node with Redis store",
    code: `export { createNode, inProcess } from "@holdfast/holdfast/consensus";
      export { connectRedis, redisRaftStore } from "@holdfast/holdfast/redis/raft";`,
    bytesMax: 35_750,
  },
  {
    name: "http, documents",
    code: `export { createHandler, serveDocuments } from "@holdfast/holdfast/http";`,
    bytesMax: 10_600,
  },
  { door: "./redis/raft", bytesMax: 10_000 },
  { door: "./skiff", bytesMax: 61_850 },
  { door: "./tcp", bytesMax: 7_700 },
  { door: "./sync/client", bytesMax: 12_100 },
  { door: "./sync", bytesMax: 19_550 },
  {
    name: "sync with memory stores",
    code: `export { createModel, defineModel } from "@holdfast/holdfast/models";
      export { createSync } from "@holdfast/holdfast/sync";
      export { memoryModelStore, memoryPresenceStore, memoryWakes } from "@holdfast/holdfast/memory";`,
    bytesMax: 35_850,
  },
  {
    name: "sync with Redis stores",
    code: `export { createModel, defineModel } from "@holdfast/holdfast/models";
      export { createSync } from "@holdfast/holdfast/sync";
      export { connectRedis, redisModelStore } from "@holdfast/holdfast/redis/models";
      export { redisPresenceStore } from "@holdfast/holdfast/redis/presence";
      export { redisWakes } from "@holdfast/holdfast/redis/wakes";`,
    bytesMax: 50_050,
  },
  {
    name: "path model with documents client",
    code: `export { connectDocuments } from "@holdfast/holdfast/documents/client";
      export { createPathModel } from "@holdfast/holdfast/path-model";`,
    bytesMax: 33_650,
  },
  { package: "@upstash/redis", bytesMax: 20_000 },
  { package: "redis", bytesMax: 120_000 },
  { package: "@msgpack/msgpack", bytesMax: 6_300 },
  { package: "zod", bytesMax: 9_300 },
];
