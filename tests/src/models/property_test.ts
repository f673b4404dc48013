import { memory } from "../../../adapters/memory/mod.ts";
import { createModel } from "../../../src/models/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { compare, PlainUsers, step } from "../../support/models/plain_users.ts";
import { User } from "../../support/models/users.ts";

const SEED = Number(Deno.env.get("SEED") ?? 0) || crypto.getRandomValues(new Uint32Array(1))[0] ||
  1;

Deno.test(`Model in memory does what a plain model does, in any order (SEED=${SEED})`, async () => {
  for (let run = 0; run < 20; run++) {
    const random = seededRandom(SEED + run);
    const model = createModel(memory(), User);
    const plain = new PlainUsers();
    for (let at = 0; at < 100; at++) await step(model, plain, random);
    await compare(model, plain);
  }
});
