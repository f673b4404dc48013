/**
 * A process that edits the document `1` of `things` in a store with a journal behind:
 * `journaled_writer_program.ts URL TOKEN JOURNAL_URL JOURNAL_TOKEN NAME`. Inserts `NAME.0`, `NAME.1`, … into the list `l`
 * without end or pause, and prints the name and the version of each that is acknowledged. May be killed at any time.
 *
 * @module
 */

import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisDocumentStore } from "../../../adapters/redis/documents.ts";
import { redis } from "../../../adapters/redis/mod.ts";
import { journaledStore } from "../../../src/documents/journaled_store.ts";
import { journalOf } from "../../../src/documents/journaled.ts";
import { author, coreOn } from "./core.ts";

if (import.meta.main) {
  const [url = "", token = "", journalUrl = "", journalToken = "", name = ""] = Deno.args;
  const behind = connectRedis({ url: journalUrl, token: journalToken });
  const backend = redis({ url, token });
  const journal = journalOf(redisDocumentStore(behind));
  const core = coreOn({ ...backend, documents: journaledStore(backend.documents, journal) });
  const writer = author(core, name);
  for (let at = 0;; at++) {
    const text = `${name}.${at}`;
    const result = await writer.edit([{ p: ["l", 0], li: text }]);
    if (result.kind === "committed") say(`${text} ${result.op.version}`);
    // However the machine is shared out, each gets through; only what was acknowledged is looked for.
    else if (result.kind !== "refused") throw new Error(`It is ${result.kind}`);
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
