import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { seededRandom } from "../../../../src/random.ts";
import { World } from "./replica_world.ts";

const SEEDS = 200;
const TURNS = 250;
const only = Deno.env.get("SEED");

/** Runs a world to its end and holds it against everything that a queue promises. */
function run(seed: number): World {
  const world = new World(seededRandom(seed));
  for (let turn = 0; turn < TURNS; turn++) world.turn();
  world.calm();
  for (const client of world.clients) {
    deepStrictEqual(client.replica.entries, [], "nothing waits");
    for (const model of ["Todo", "Note"]) {
      deepStrictEqual(
        [...world.seen(client, model).values()].sort(byId),
        [...world.server.records(model).values()].sort(byId),
        `${client.name} sees what the server has`,
      );
    }
  }
  for (const { id, links } of world.server.records("Note").values()) {
    ok(!/"c\d-/.test(JSON.stringify([id, links])), "no temporary id has reached the server");
  }
  const { executed } = world.server;
  for (const [key, times] of executed) strictEqual(times, 1, `${key} was executed once`);
  for (const [key, kind] of world.outcomes) {
    if (kind === "done") strictEqual(executed.get(key), 1, `${key} was executed, as was told`);
    else if (kind !== "unknown") strictEqual(executed.get(key), undefined, `${key} was ${kind}`);
  }
  for (const key of world.kept) ok(world.outcomes.has(key), `${key} was not lost`);
  return world;
}

function byId(a: { readonly id: unknown }, b: { readonly id: unknown }): number {
  return Number(a.id) - Number(b.id);
}

Deno.test("Replica converges, executes nothing twice and loses nothing, whatever the network does", () => {
  const seeds = only === undefined
    ? Array.from({ length: SEEDS }, (_, at) => at + 1)
    : [Number(only)];
  const told: Record<string, number> = {};
  for (const seed of seeds) {
    try {
      for (const [kind, times] of Object.entries(run(seed).counts)) {
        told[kind] = (told[kind] ?? 0) + times;
      }
    } catch (cause) {
      throw new Error(`SEED=${seed}`, { cause });
    }
  }
  if (only === undefined) {
    ok(
      Object.values(told).every((times) => times > 5),
      `too little happened: ${JSON.stringify(told)}`,
    );
  }
});
