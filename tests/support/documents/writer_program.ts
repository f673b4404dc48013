/**
 * A process that edits the document `1` of `things`: `writer_program.ts URL TOKEN NAME COUNT`. Inserts `NAME.0`, `NAME.1`, …
 * at the head of the list `l`, and prints the name of each that is acknowledged. May be killed at any time.
 *
 * @module
 */

import { redis } from "../../../adapters/redis/mod.ts";
import { author, codeOf, coreOn, must } from "./core.ts";

const LOST = "ERR_MAX_SUBMIT_RETRIES_EXCEEDED";

if (import.meta.main) {
  const [url = "", token = "", name = "", count = "0"] = Deno.args;
  const core = coreOn(redis({ url, token }));
  const writer = author(core, name);
  for (let at = 0; at < Number(count); at++) {
    const text = `${name}.${at}`;
    const write = () => writer.edit([{ p: ["l", 0], li: text }]);
    let result = await write();
    // A rival that has the machine to itself may win every race; whoever lost them all begins anew.
    while (result.kind === "refused" && codeOf(result) === LOST) result = await write();
    must(result, "committed");
    Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  }
}
