import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Recent } from "../../../src/cache/recent.ts";
import { hashOf, S3Fifo } from "../../../src/cache/s3_fifo.ts";
import { Shelf } from "../../../src/cache/shelf.ts";
import { seededRandom } from "../../contracts/mod.ts";
import { traces } from "../../../bench/support/traces.ts";

Deno.test("Shelf keeps what fits and is found again", () => {
  const shelf = new Shelf<number>({ entriesMax: 10, bytesMax: 1e6 });
  const part = shelf.part();
  for (let i = 0; i < 10; i++) shelf.put(part, `k${i}`, i, 10);
  deepStrictEqual(Array.from({ length: 10 }, (_, i) => shelf.get(part, `k${i}`)), [
    ...Array(10).keys(),
  ]);
});

Deno.test("Shelf keeps the keys of its parts apart", () => {
  const shelf = new Shelf<string>({ entriesMax: 10, bytesMax: 1e6 });
  const [a, b] = [shelf.part(), shelf.part()];
  shelf.put(a, "k", "A", 1);
  shelf.put(b, "k", "B", 1);
  shelf.delete(a, "k");
  deepStrictEqual([shelf.get(a, "k"), shelf.get(b, "k")], [undefined, "B"]);
});

Deno.test("Shelf never has more entries or bytes than it may, whatever is done to it", () => {
  const seed = Number(Deno.env.get("SEED") ?? 7);
  const random = seededRandom(seed);
  const limits = { entriesMax: 200, bytesMax: 60_000 };
  const shelf = new Shelf<string>(limits);
  const parts = [shelf.part(), shelf.part()];
  const model = new Map<string, string>();
  for (let step = 0; step < 100_000; step++) {
    const owner = Math.floor(random.float() * 2);
    const part = parts[owner] ?? new Map();
    const key = `k${Math.floor(random.float() ** 2 * 1_000)}`;
    const dice = random.float();
    if (dice < 0.5) {
      const found = shelf.get(part, key);
      if (found !== undefined) strictEqual(found, model.get(`${owner}${key}`), `seed ${seed}`);
    } else if (dice < 0.9) {
      shelf.put(part, key, String(step), Math.floor(random.float() * 500));
      model.set(`${owner}${key}`, String(step));
    } else {
      shelf.delete(part, key);
      strictEqual(shelf.get(part, key), undefined);
    }
    ok(shelf.size <= limits.entriesMax && shelf.bytes <= limits.bytesMax, `seed ${seed}`);
  }
  strictEqual(shelf.size, (parts[0]?.size ?? 0) + (parts[1]?.size ?? 0));
});

Deno.test("Shelf reuses the places of what was deleted", () => {
  const shelf = new Shelf<number>({ entriesMax: 1_000_000, bytesMax: 1e12 });
  const part = shelf.part();
  for (let i = 0; i < 200_000; i++) {
    shelf.put(part, `k${i}`, i, 1);
    shelf.delete(part, `k${i}`);
  }
  strictEqual(shelf.size, 0);
  strictEqual(shelf.bytes, 0);
});

Deno.test("Shelf forgets an item that alone is too large, and nothing beside it for ever", () => {
  const shelf = new Shelf<number>({ entriesMax: 10, bytesMax: 1_000 });
  const part = shelf.part();
  shelf.put(part, "large", 1, 100_000);
  strictEqual(shelf.get(part, "large"), undefined);
  shelf.put(part, "small", 2, 1);
  strictEqual(shelf.get(part, "small"), 2);
});

Deno.test("S3Fifo keeps what is asked for through a scan of things that are not", () => {
  const shelf = new Shelf<number>({ entriesMax: 100, bytesMax: 1e9 });
  const part = shelf.part();
  for (let i = 0; i < 50; i++) shelf.put(part, `hot${i}`, i, 1);
  for (let round = 0; round < 3; round++) for (let i = 0; i < 50; i++) shelf.get(part, `hot${i}`);
  for (let i = 0; i < 10_000; i++) shelf.put(part, `scan${i}`, i, 1);
  const kept = Array.from({ length: 50 }, (_, i) => shelf.get(part, `hot${i}`));
  strictEqual(kept.filter((item) => item !== undefined).length, 50);
});

Deno.test("S3Fifo lets what comes back soon straight into the main queue", () => {
  const room = new S3Fifo({ entriesMax: 100, bytesMax: 1e9 });
  const fill = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      room.add(hashOf(`k${i}`), 1);
      room.evict();
    }
  };
  fill(0, 110);
  const back = room.add(hashOf("k0"), 1);
  room.evict();
  const evicted: number[] = [];
  for (let i = 200; i < 260; i++) {
    room.add(hashOf(`k${i}`), 1);
    const slot = room.evict();
    if (slot !== undefined) evicted.push(slot);
  }
  strictEqual(evicted.includes(back), false);
});

Deno.test("hashOf() spreads keys that differ in one digit", () => {
  const buckets = new Uint32Array(256);
  for (let i = 0; i < 25_600; i++) {
    const bucket = hashOf(`user:${i}`) & 255;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  ok(Math.max(...buckets) < 160 && Math.min(...buckets) > 50);
});

Deno.test("S3Fifo hits as often as its paper's reference, and more often than LRU", () => {
  const size = 500;
  for (const [name, keys] of Object.entries(traces({ keys: 10_000, requests: 200_000, seed: 3 }))) {
    const shelf = new Shelf<boolean>({ entriesMax: size, bytesMax: 1e9 });
    const part = shelf.part();
    const lru = new Map<number, true>();
    let hits = 0;
    let lruHits = 0;
    for (const key of keys) {
      if (shelf.get(part, String(key)) === undefined) shelf.put(part, String(key), true, 1);
      else hits++;
      if (lru.delete(key)) lruHits++;
      else if (lru.size >= size) lru.delete(lru.keys().next().value ?? 0);
      lru.set(key, true);
    }
    const gain = 100 * (hits - lruHits) / keys.length;
    ok(gain > 3, `${name}: ${gain.toFixed(1)} points over LRU`);
  }
});

Deno.test("Recent keeps at least as many as it should and at most twice as many", () => {
  const recent = new Recent<number>(100);
  for (let i = 0; i < 1_000; i++) {
    recent.set(`k${i}`, i);
    strictEqual(recent.get("k0"), 0);
  }
  const kept = Array.from({ length: 1_000 }, (_, i) => recent.get(`k${i}`));
  const count = kept.filter((value) => value !== undefined).length;
  ok(count >= 100 && count <= 201, String(count));
  recent.delete("k0");
  strictEqual(recent.get("k0"), undefined);
});

Deno.test("Recent never has more bytes than two generations may have, and keeps nothing larger than one", () => {
  const recent = new Recent<string>(Infinity, 100, (_, text) => text.length);
  const random = seededRandom(3);
  for (let i = 0; i < 1_000; i++) {
    recent.set(`k${i % 37}`, "x".repeat(Math.floor(random.float() * 60)));
    if (i % 5 === 0) recent.delete(`k${i % 31}`);
    recent.set("large", "x".repeat(101));
  }
  const texts = Array.from({ length: 37 }, (_, i) => recent.get(`k${i}`) ?? "");
  const bytes = texts.join("").length;
  ok(bytes > 50 && bytes <= 200, String(bytes));
  strictEqual(recent.get("large"), undefined);
});

Deno.test("Recent has at most as many entries as twice its generation, also when that is half an entry", () => {
  const recent = new Recent<number>(0.5);
  recent.set("a", 1);
  strictEqual(recent.get("a"), 1);
  recent.set("b", 2);
  deepStrictEqual([recent.get("a"), recent.get("b")], [undefined, 2]);
});
