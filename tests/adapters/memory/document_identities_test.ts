/** @module */

import { strictEqual } from "node:assert/strict";
import { Identities } from "../../../adapters/memory/document_identities.ts";
import type { OpIdentity } from "../../../src/documents/change.ts";
import { randomInteger, seededRandom } from "../../../src/random.ts";

const SEEDS = Deno.env.get("SEED") === undefined
  ? Array.from({ length: 20 }, (_, at) => at + 1)
  : [Number(Deno.env.get("SEED"))];

Deno.test("Identities tell versions in whatever order sequences come and go", () => {
  for (const seed of SEEDS) {
    const random = seededRandom(seed);
    const identities = new Identities([]);
    const known = new Map<string, number>();
    for (let version = 0; version < 2_000; version++) {
      const source = `s${randomInteger(random, 0, 3)}`;
      // Mostly a source counts on; now and then an older one of its numbers comes later.
      const sequence = randomInteger(random, 0, 4) === 0
        ? randomInteger(random, 0, version + 1)
        : version;
      const name = `${source} ${sequence}`;
      strictEqual(identities.versionOf({ source, sequence }), known.get(name), `seed ${seed}`);
      if (known.has(name)) continue;
      identities.add({ source, sequence }, version);
      known.set(name, version);
      for (const [old, at] of known) {
        if (at > version - 100 && randomInteger(random, 0, 500) > 0) break;
        const [first = "", second] = old.split(" ");
        const identity: OpIdentity = { source: first, sequence: Number(second) };
        identities.delete(identity);
        known.delete(old);
        strictEqual(identities.versionOf(identity), undefined, `seed ${seed}`);
      }
    }
  }
});
