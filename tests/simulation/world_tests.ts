/**
 * The tests of a simulated world: that it holds in fixed and in fresh seeds, replays, and finds known mistakes.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import type { Run } from "./lived.ts";
import { copyWith } from "./mutant_copy.ts";
import type { Mutation } from "./mutations/mistake.ts";

/** A world, and what is asked of it. */
export interface WorldTests {
  /** What it is of: its folder's name here. */
  readonly name: string;
  /** What holds in it. */
  readonly promise: string;
  /** Lives through a seed. */
  readonly runSeed: (seed: number) => Promise<Run>;
  /** What must happen often for the runs to be no easy life. */
  readonly sights: readonly string[];
  /** How often. */
  readonly sightsMin: number;
  readonly fixedSeeds: number;
  readonly freshSeeds: number;
  /** The seed that is run twice; `undefined` for a world in which a seed may happen otherwise. */
  readonly replayed: number | undefined;
  /** What the simulator must find. */
  readonly mistakes: readonly Mutation[];
  /** In so many seeds, as some mistakes show only where much comes together. */
  readonly mistakeSeeds: number;
}

/** Where fresh seeds begin; printed, and taken from SEED to repeat them. */
const FRESH_FROM = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

/** Registers the tests. */
export function testWorld(world: WorldTests): void {
  const { name, promise, runSeed, replayed } = world;
  Deno.test(`${promise} in the fixed seeds, and these are no easy life`, async () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= world.fixedSeeds; seed++) {
      const found = await holds(runSeed, seed);
      for (const [what, count] of found) seen.set(what, (seen.get(what) ?? 0) + count);
    }
    for (const sight of world.sights) {
      ok((seen.get(sight) ?? 0) >= world.sightsMin, `${sight}: ${seen.get(sight)}`);
    }
  });

  Deno.test(`${promise} in fresh seeds (SEED=${FRESH_FROM})`, async () => {
    for (let i = 0; i < world.freshSeeds; i++) await holds(runSeed, (FRESH_FROM + i) >>> 0);
  });

  if (replayed !== undefined) {
    Deno.test(`a seed of ${name} replays`, async () => {
      deepStrictEqual(await runSeed(replayed), await runSeed(replayed));
    });
  }

  for (const mistake of world.mistakes) {
    Deno.test(`runSeed() of ${name} finds that ${mistake.name}`, () => finds(world, mistake));
  }
}

async function holds(
  runSeed: WorldTests["runSeed"],
  seed: number,
): Promise<ReadonlyMap<string, number>> {
  const { failure, seen } = await runSeed(seed);
  if (failure === undefined) return seen;
  throw new Error(`seed ${seed}: ${failure.message}`, { cause: failure });
}

/** Lives with a mistake, first in the seed in which it was found. */
async function finds({ name, mistakeSeeds }: WorldTests, mistake: Mutation): Promise<void> {
  const entry = `tests/simulation/${name}/run.ts`;
  const copy = await copyWith(mistake, [entry]);
  try {
    const { runSeed } = await copy.load<Pick<WorldTests, "runSeed">>(entry);
    const others = Array.from({ length: mistakeSeeds }, (_, i) => i + 1);
    for (const seed of [mistake.seed, ...others]) {
      if ((await runSeed(seed)).failure !== undefined) return;
    }
    throw new Error(`No seed to ${mistakeSeeds} finds it`);
  } finally {
    await copy.remove();
  }
}
