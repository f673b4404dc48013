/**
 * Commands of every family that Redis 7.0 has, as the npm `@upstash/redis` client sends them with its defaults. All keys
 * of a family share a hash tag, so that it runs on a cluster as well.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { Redis } from "@upstash/redis";

/** Runs one family against an empty database; `key` gives it keys of its own. */
export type Family = (redis: Redis, key: (name: string) => string) => Promise<void>;

/** Every family, by name. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  strings: async (redis, key) => {
    strictEqual(await redis.set(key("a"), "text", { ex: 100 }), "OK");
    strictEqual(await redis.set(key("a"), "other", { nx: true }), null);
    strictEqual(await redis.set(key("a"), "other", { get: true }), "text");
    strictEqual(await redis.get(key("a")), "other");
    deepStrictEqual(await redis.mset({ [key("b")]: 1, [key("c")]: { deep: [true] } }), "OK");
    deepStrictEqual(await redis.mget(key("a"), key("b"), key("c"), key("none")), [
      "other",
      1,
      { deep: [true] },
      null,
    ]);
    strictEqual(await redis.msetnx({ [key("a")]: 1, [key("d")]: 1 }), 0);
    strictEqual(await redis.append(key("a"), "!"), 6);
    strictEqual(await redis.getrange(key("a"), 0, 1), "ot");
    strictEqual(await redis.setrange(key("a"), 0, "O"), 6);
    strictEqual(await redis.strlen(key("a")), 6);
    strictEqual(await redis.incrby(key("n"), 5), 5);
    strictEqual(await redis.decr(key("n")), 4);
    strictEqual(await redis.incrbyfloat(key("n"), 0.5), 4.5);
    strictEqual(await redis.getset(key("n"), 7), 4.5);
    strictEqual(await redis.getex(key("n"), { ex: 50 }), 7);
    strictEqual(await redis.getdel(key("n")), 7);
    strictEqual(await redis.get(key("n")), null);
    strictEqual(await redis.set(key("unicode"), "€😀\u0000\n"), "OK");
    strictEqual(await redis.get(key("unicode")), "€😀\u0000\n");
  },

  bits: async (redis, key) => {
    strictEqual(await redis.setbit(key("a"), 7, 1), 0);
    strictEqual(await redis.getbit(key("a"), 7), 1);
    strictEqual(await redis.bitcount(key("a"), 0, -1), 1);
    strictEqual(await redis.bitpos(key("a"), 1), 7);
    strictEqual(await redis.setbit(key("b"), 6, 1), 0);
    strictEqual(await redis.bitop("or", key("c"), key("a"), key("b")), 1);
    strictEqual(await redis.bitcount(key("c"), 0, -1), 2);
    // By hand: the client's own builder does not work with its own automatic pipelines.
    const bitfield: [string, ...string[]] = [
      "BITFIELD",
      key("d"),
      "SET",
      "u8",
      "0",
      "200",
      "GET",
      "u8",
      "0",
    ];
    deepStrictEqual(await redis.exec(bitfield), [0, 200]);
  },

  keys: async (redis, key) => {
    await redis.set(key("a"), 1);
    strictEqual(await redis.exists(key("a"), key("none")), 1);
    strictEqual(await redis.type(key("a")), "string");
    strictEqual(await redis.expire(key("a"), 100), 1);
    strictEqual(await redis.expire(key("a"), 50, "GT"), 0);
    strictEqual(await redis.ttl(key("a")), 100);
    ok(await redis.pttl(key("a")) > 99_000);
    strictEqual(await redis.persist(key("a")), 1);
    strictEqual(await redis.pexpireat(key("a"), Date.now() + 60_000), 1);
    strictEqual(await redis.rename(key("a"), key("b")), "OK");
    strictEqual(await redis.renamenx(key("b"), key("c")), 1);
    strictEqual(await redis.copy(key("c"), key("d")), "COPIED");
    strictEqual(await redis.touch(key("c"), key("d")), 2);
    deepStrictEqual((await redis.keys(`*${key("")}*`)).toSorted(), [key("c"), key("d")]);
    deepStrictEqual((await scanAll(redis, `*${key("")}*`)).toSorted(), [key("c"), key("d")]);
    strictEqual(await redis.del(key("c"), key("none")), 1);
    strictEqual(await redis.unlink(key("d")), 1);
  },

  hashes: async (redis, key) => {
    strictEqual(await redis.hset(key("h"), { f: "v", n: 1, o: { a: 1 } }), 3);
    strictEqual(await redis.hget(key("h"), "f"), "v");
    deepStrictEqual(await redis.hgetall(key("h")), { f: "v", n: 1, o: { a: 1 } });
    deepStrictEqual(await redis.hmget(key("h"), "f", "none"), { f: "v", none: null });
    strictEqual(await redis.hsetnx(key("h"), "f", "x"), 0);
    strictEqual(await redis.hincrby(key("h"), "n", 2), 3);
    strictEqual(await redis.hincrbyfloat(key("h"), "n", 0.5), 3.5);
    strictEqual(await redis.hexists(key("h"), "f"), 1);
    strictEqual(await redis.hlen(key("h")), 3);
    strictEqual(await redis.hstrlen(key("h"), "f"), 1);
    deepStrictEqual((await redis.hkeys(key("h"))).toSorted(), ["f", "n", "o"]);
    strictEqual((await redis.hvals(key("h"))).length, 3);
    strictEqual((await redis.hscan(key("h"), 0))[1].length, 6);
    strictEqual((await redis.hrandfield(key("h"), 2) as string[]).length, 2);
    strictEqual(await redis.hdel(key("h"), "f", "none"), 1);
    strictEqual(await redis.hgetall(key("none")), null);
  },

  lists: async (redis, key) => {
    strictEqual(await redis.rpush(key("l"), "a", "b", "c"), 3);
    strictEqual(await redis.lpush(key("l"), 0), 4);
    deepStrictEqual(await redis.lrange(key("l"), 0, -1), [0, "a", "b", "c"]);
    strictEqual(await redis.lindex(key("l"), 1), "a");
    strictEqual(await redis.linsert(key("l"), "before", "a", "x"), 5);
    strictEqual(await redis.lset(key("l"), 0, "first"), "OK");
    strictEqual(await redis.lpos(key("l"), "b"), 3);
    strictEqual(await redis.lrem(key("l"), 1, "x"), 1);
    strictEqual(await redis.llen(key("l")), 4);
    strictEqual(await redis.lmove(key("l"), key("m"), "left", "right"), "first");
    deepStrictEqual(await redis.lmpop(2, [key("none"), key("l")], "LEFT", 2), [key("l"), [
      "a",
      "b",
    ]]);
    strictEqual(await redis.lpushx(key("none"), "x"), 0);
    strictEqual(await redis.rpop(key("l")), "c");
    strictEqual(await redis.lpop(key("l")), null);
    strictEqual(await redis.ltrim(key("m"), 1, 0), "OK");
  },

  sets: async (redis, key) => {
    strictEqual(await redis.sadd<string | number>(key("s"), "a", "b", 3), 3);
    strictEqual(await redis.sismember(key("s"), "a"), 1);
    deepStrictEqual(await redis.smismember(key("s"), ["a", "z"]), [1, 0]);
    strictEqual(await redis.scard(key("s")), 3);
    await redis.sadd(key("t"), "b", "c");
    deepStrictEqual(await redis.sinter(key("s"), key("t")), ["b"]);
    strictEqual(await redis.sintercard([key("s"), key("t")]), 1);
    deepStrictEqual((await redis.sdiff(key("s"), key("t"))).toSorted(), [3, "a"]);
    strictEqual(await redis.sunionstore(key("u"), key("s"), key("t")), 4);
    strictEqual((await redis.smembers(key("u"))).length, 4);
    strictEqual(await redis.smove(key("s"), key("t"), "a"), 1);
    strictEqual((await redis.sscan(key("u"), 0))[1].length, 4);
    ok(await redis.srandmember(key("u")) !== null);
    ok(await redis.spop(key("u")) !== null);
    strictEqual(await redis.srem(key("t"), "a", "b", "c"), 3);
  },

  "sorted sets": async (redis, key) => {
    strictEqual(
      await redis.zadd(key("z"), { score: 1, member: "a" }, { score: 2.5, member: "b" }),
      2,
    );
    strictEqual(await redis.zincrby(key("z"), 1, "a"), 2);
    deepStrictEqual(await redis.zrange(key("z"), 0, -1, { withScores: true }), ["a", 2, "b", 2.5]);
    deepStrictEqual(await redis.zrange(key("z"), "(2", "+inf", { byScore: true }), ["b"]);
    deepStrictEqual(await redis.zrange(key("z"), 0, -1, { rev: true }), ["b", "a"]);
    strictEqual(await redis.zscore(key("z"), "b"), 2.5);
    deepStrictEqual(await redis.zmscore(key("z"), ["a", "none"]), [2, null]);
    strictEqual(await redis.zrank(key("z"), "b"), 1);
    strictEqual(await redis.zrevrank(key("z"), "b"), 0);
    strictEqual(await redis.zcount(key("z"), "-inf", 2), 1);
    strictEqual(await redis.zlexcount(key("z"), "-", "+"), 2);
    strictEqual(await redis.zcard(key("z")), 2);
    await redis.zadd(key("y"), { score: 10, member: "b" });
    strictEqual(await redis.zunionstore(key("x"), 2, [key("z"), key("y")]), 2);
    strictEqual(await redis.zscore(key("x"), "b"), 12.5);
    strictEqual(await redis.zinterstore(key("w"), 2, [key("z"), key("y")]), 1);
    deepStrictEqual(await redis.zdiffstore(key("v"), 2, key("z"), key("y")), 1);
    strictEqual((await redis.zscan(key("z"), 0))[1].length, 4);
    deepStrictEqual(await redis.zpopmax(key("z")), ["b", 2.5]);
    deepStrictEqual(await redis.zpopmin(key("z")), ["a", 2]);
    strictEqual(await redis.zremrangebyscore(key("x"), "-inf", "+inf"), 2);
  },

  "geo and hyperloglog": async (redis, key) => {
    const palermo = { longitude: 13.361389, latitude: 38.115556, member: "Palermo" };
    const catania = { longitude: 15.087269, latitude: 37.502669, member: "Catania" };
    strictEqual(await redis.geoadd(key("g"), palermo, catania), 2);
    strictEqual(await redis.geodist(key("g"), "Palermo", "Catania", "KM"), 166.2742);
    deepStrictEqual(await redis.geohash(key("g"), "Palermo", "none"), ["sqc8b49rny0", null]);
    strictEqual((await redis.geopos(key("g"), "Palermo"))[0]?.lng !== undefined, true);
    const near = { type: "FROMMEMBER", member: "Palermo" } as const;
    const circle = { type: "BYRADIUS", radius: 100, radiusType: "KM" } as const;
    const found = await redis.geosearch(key("g"), near, circle, "ASC");
    deepStrictEqual(found.map(({ member }) => member), ["Palermo"]);
    strictEqual(await redis.geosearchstore(key("f"), key("g"), near, circle, "ASC"), 1);
    strictEqual(await redis.pfadd(key("p"), "a", "b", "c"), 1);
    strictEqual(await redis.pfadd(key("q"), "c", "d"), 1);
    strictEqual(await redis.pfmerge(key("r"), key("p"), key("q")), "OK");
    strictEqual(await redis.pfcount(key("r")), 4);
  },

  streams: async (redis, key) => {
    const first = await redis.xadd(key("s"), "1-1", { f: "v" });
    strictEqual(first, "1-1");
    await redis.xadd(key("s"), "2-1", { f: "w", n: 1 });
    strictEqual(await redis.xlen(key("s")), 2);
    deepStrictEqual(await redis.xrange(key("s"), "-", "+"), {
      "1-1": { f: "v" },
      "2-1": { f: "w", n: 1 },
    });
    strictEqual(Object.keys(await redis.xrevrange(key("s"), "+", "-", 1)).length, 1);
    deepStrictEqual(await redis.xread(key("s"), "1-1"), [[key("s"), [["2-1", [
      "f",
      "w",
      "n",
      1,
    ]]]]]);
    strictEqual(await redis.xgroup(key("s"), { type: "CREATE", group: "g", id: "0" }), "OK");
    const read = await redis.xreadgroup("g", "c", key("s"), ">", { count: 1 });
    deepStrictEqual(read, [[key("s"), [["1-1", ["f", "v"]]]]]);
    strictEqual((await redis.xpending(key("s"), "g", "-", "+", 10)).length, 1);
    strictEqual((await redis.xclaim(key("s"), "g", "d", 0, "1-1")).length, 1);
    strictEqual((await redis.xautoclaim(key("s"), "g", "c", 0, "0")).length, 3);
    strictEqual(await redis.xack(key("s"), "g", "1-1"), 1);
    strictEqual((await redis.xinfo(key("s"), { type: "GROUPS" })).length, 1);
    strictEqual(await redis.xdel(key("s"), "1-1"), 1);
    strictEqual(
      await redis.xtrim(key("s"), { strategy: "MAXLEN", threshold: 0, exactness: "=" }),
      1,
    );
  },

  scripts: async (redis, key) => {
    const script = "return { KEYS[1], ARGV[1], 7 }";
    deepStrictEqual(await redis.eval(script, [key("k")], ["x"]), [key("k"), "x", 7]);
    const sha = await redis.scriptLoad("return ARGV[1]");
    strictEqual(sha.length, 40);
    strictEqual(await redis.evalsha(sha, [key("k")], ["loaded"]), "loaded");
    strictEqual(await redis.evalRo("return redis.call('GET', KEYS[1])", [key("none")], []), null);
    const lazy = redis.createScript<string>(`return "${key("lazy")}" .. ARGV[1]`);
    strictEqual(await lazy.exec([key("k")], ["!"]), `${key("lazy")}!`);
    await rejects(redis.eval("return redis.error_reply('ERR mine')", [key("k")], []), /ERR mine/);
  },

  pipelines: async (redis, key) => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 200; i++) pipeline.set(key(`p${i}`), i).incr(key(`p${i}`));
    const results = await pipeline.exec();
    strictEqual(results.length, 400);
    strictEqual(results[399], 200);
    const kept = await redis.pipeline().set(key("t"), "x").incr(key("t")).get(key("t")).exec({
      keepErrors: true,
    });
    deepStrictEqual(kept[0], { result: "OK", error: undefined });
    ok(kept[1]?.error?.includes("not an integer"));
    strictEqual(kept[2]?.result, "x");
  },

  transactions: async (redis, key) => {
    const results = await redis.multi().set(key("a"), 1).incr(key("a")).get(key("a")).exec();
    deepStrictEqual(results, ["OK", 2, 2]);
    await rejects(
      redis.multi().set(key("b"), 1).incr(key("none")).lpush(key("b"), 1).exec(),
      /WRONGTYPE/,
    );
  },

  server: async (redis, key) => {
    strictEqual(await redis.ping(), "PONG");
    strictEqual(await redis.echo("hello"), "hello");
    strictEqual((await redis.time()).length, 2);
    await redis.set(key("a"), 1);
    ok(await redis.dbsize() >= 1);
    ok(await redis.randomkey() !== null);
    strictEqual(await redis.publish(key("channel"), "nobody hears"), 0);
    strictEqual(await redis.flushall(), "OK");
    strictEqual(await redis.dbsize(), 0);
  },

  "integers past 2^53": async (redis, key) => {
    await redis.set(key("n"), "9007199254740993");
    strictEqual(await redis.get(key("n")), "9007199254740993");
  },
};

async function scanAll(redis: Redis, match: string): Promise<string[]> {
  const found: string[] = [];
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, { match });
    found.push(...keys);
    cursor = String(next);
  } while (cursor !== "0");
  return found;
}
