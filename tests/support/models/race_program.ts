/**
 * A process of its own that races for names: `deno run -A race_program.ts url token`. Prints how many it got.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { redis } from "../../../adapters/redis/mod.ts";
import { createModel } from "../../../src/models/mod.ts";
import { person, User } from "./users.ts";

/** How many names there are to be had. */
export const NAMES = 50;

if (import.meta.main) {
  const [url = "", token = ""] = Deno.args;
  const users = createModel(redis({ url, token }), User);
  const results = await Promise.allSettled(
    Array.from({ length: NAMES }, (_, at) => users.create(person(`name${at}`))),
  );
  await Promise.all(
    Array.from({ length: 20 }, () => users.patch(1_000, ({ age = 0 }) => ({ age: age + 1 }))),
  );
  console.log(results.filter(({ status }) => status === "fulfilled").length);
}
