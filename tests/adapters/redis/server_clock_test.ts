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

Deno.test("ServerClock.observe() keeps a sharp sample against a blunt one, until it has aged", async () => {
  const clock = manualClock();
  const server = serverClock(clock);
  const sample = (precisionMs: number) =>
    server.observe({
      serverMs: 0,
      precisionMs,
      sentMs: clock.monotonic(),
      receivedMs: clock.monotonic(),
    });
  sample(1_000);
  strictEqual(server.read()?.errorMs, 1_000);
  sample(1);
  strictEqual(server.read()?.errorMs, 1);
  sample(1_000);
  strictEqual(server.read()?.errorMs, 1);
  await clock.advance(6_000_000);
  sample(1_000);
  strictEqual(server.read()?.errorMs, 1_000);
});

Deno.test("ServerClock.read() does not follow the time of day when an administrator sets it", async () => {
  const clock = manualClock();
  const server = serverClock(clock);
  server.observe({ serverMs: 5_000, precisionMs: 1, sentMs: 0, receivedMs: 0 });
  clock.setNow(0);
  await clock.advance(100);
  strictEqual(server.read()?.nowMs, 5_100.5);
});
