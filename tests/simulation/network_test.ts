import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { diceFor } from "./dice.ts";
import { FAULTLESS, type NetworkFaults, SimulatedNetwork } from "./network.ts";
import { VirtualTime } from "./virtual_time.ts";

function makeNetwork(faults: Partial<NetworkFaults> = {}) {
  const time = new VirtualTime();
  const arrived: [atMs: number, to: string, message: number][] = [];
  const network = new SimulatedNetwork<number>(
    time,
    diceFor(1, "network"),
    { ...FAULTLESS, ...faults },
    (to, message) => arrived.push([time.nowMs, to, message]),
  );
  const runAll = () => {
    while (time.step(Infinity));
  };
  return { time, network, arrived, runAll };
}

Deno.test("SimulatedNetwork.send() delivers once and in order without faults", () => {
  const { network, arrived, runAll } = makeNetwork();
  for (const message of [1, 2, 3]) network.send("a", "b", message);
  runAll();
  deepStrictEqual(arrived, [[1, "b", 1], [1, "b", 2], [1, "b", 3]]);
});

Deno.test("SimulatedNetwork.send() drops and doubles at its rates", () => {
  const { network, arrived, runAll } = makeNetwork({ drop: 0.2, double: 0.1 });
  for (let message = 0; message < 10_000; message++) network.send("a", "b", message);
  runAll();
  ok(Math.abs(network.counts.dropped - 2_000) < 200, `dropped ${network.counts.dropped}`);
  ok(Math.abs(network.counts.doubled - 800) < 120, `doubled ${network.counts.doubled}`);
  strictEqual(arrived.length, 10_000 - network.counts.dropped + network.counts.doubled);
});

Deno.test("SimulatedNetwork.send() reorders only where links keep no order", () => {
  for (const isOrdered of [true, false]) {
    const { network, arrived, runAll } = makeNetwork({ delayMeanMs: 10, isOrdered });
    for (let message = 0; message < 100; message++) network.send("a", "b", message);
    runAll();
    const inOrder = arrived.every(([, , message], i) => message === i);
    strictEqual(inOrder, isOrdered);
  }
});

Deno.test("SimulatedNetwork.cut() cuts one way, also for what is under way", () => {
  const { network, arrived, runAll } = makeNetwork();
  network.send("a", "b", 1);
  network.cut("a", "b");
  network.send("a", "b", 2);
  network.send("b", "a", 3);
  runAll();
  deepStrictEqual(arrived, [[1, "a", 3]]);
  network.mend();
  network.send("a", "b", 4);
  runAll();
  deepStrictEqual(arrived[1], [2, "b", 4]);
});

Deno.test("SimulatedNetwork.clog() holds messages back and then delivers all of them", () => {
  const { network, arrived, runAll } = makeNetwork();
  network.clog("a", "b", 50);
  network.send("a", "b", 1);
  network.send("b", "a", 2);
  runAll();
  deepStrictEqual(arrived, [[1, "a", 2], [51, "b", 1]]);
});
