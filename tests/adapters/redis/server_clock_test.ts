import { ok, strictEqual } from "node:assert/strict";
import { serverClock } from "../../../adapters/redis/server_clock.ts";
import { seededRandom } from "../../../src/random.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

Deno.test("ServerClock.read() knows nothing before the first answer", () => {
  strictEqual(serverClock(manualClock()).read(), undefined);
});

Deno.test("ServerClock.read() is never wrong by more than it says", () => {
  const random = seededRandom(11);
  for (let run = 0; run < 200; run++) {
    let elapsedMs = 0;
    const server = serverClock({ ...manualClock(), monotonic: () => elapsedMs });
    // The server's clock is anywhere, and runs up to 100 ppm faster or slower.
    const ahead = 1e12 + random.float() * 1e6;
    const rate = 1 + (random.float() - 0.5) * 2e-4;
    const trueMs = () => ahead + elapsedMs * rate;
    for (let sample = 0; sample < 50; sample++) {
      const precisionMs = random.float() < 0.5 ? 1 : 1_000;
      const sentMs = elapsedMs;
      elapsedMs += random.float() * 100;
      const serverMs = Math.floor(trueMs() / precisionMs) * precisionMs;
      elapsedMs += random.float() * 100;
      server.observe({ serverMs, precisionMs, sentMs, receivedMs: elapsedMs });
      elapsedMs += random.float() * 60_000;
      const read = server.read();
      const wrong = Math.abs((read?.nowMs ?? NaN) - trueMs());
      ok(wrong <= (read?.errorMs ?? 0), `run ${run}: off by ${wrong}, says ${read?.errorMs}`);
    }
  }
});

Deno.test("ServerClock.observe() takes a sharper sample until the one it has has aged", async () => {
  const clock = manualClock();
  const server = serverClock(clock);
  const sample = (precisionMs: number, roundTripMs: number) => {
    const receivedMs = clock.monotonic();
    server.observe({ serverMs: 0, precisionMs, sentMs: receivedMs - roundTripMs, receivedMs });
    return server.read()?.errorMs;
  };
  strictEqual(sample(1_000, 5), 1_005);
  strictEqual(sample(1, 20), 21);
  strictEqual(sample(1, 50), 21);
  strictEqual(sample(1, 10), 11);
  await clock.advance(1_000_000);
  strictEqual(sample(1, 50), 51);
});

Deno.test("ServerClock.observe() never gives the store's own time up for that of the front", async () => {
  const clock = manualClock();
  const server = serverClock(clock);
  server.observe({ serverMs: 5_000, precisionMs: 1, sentMs: 0, receivedMs: 0 });
  await clock.advance(10_000_000);
  const nowMs = clock.monotonic();
  server.observe({ serverMs: 0, precisionMs: 1_000, sentMs: nowMs, receivedMs: nowMs });
  strictEqual(server.read()?.nowMs, 10_005_000.5);
  ok((server.read()?.errorMs ?? 0) > 2_000);
});

Deno.test("ServerClock.read() does not follow the time of day when an administrator sets it", async () => {
  const clock = manualClock();
  const server = serverClock(clock);
  server.observe({ serverMs: 5_000, precisionMs: 1, sentMs: 0, receivedMs: 0 });
  clock.setNow(0);
  await clock.advance(100);
  strictEqual(server.read()?.nowMs, 5_100.5);
});
