/**
 * A process that edits the document `1` of `things` in a store with a journal behind:
 * `journaled_writer_program.ts URL TOKEN JOURNAL_URL JOURNAL_TOKEN NAME`. Inserts `NAME.0`, `NAME.1`, … into the list `l`
 * without end, and prints the name and the version of each that is acknowledged. May be killed at any time.
 *
 * @module
 */

import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisDocumentStore } from "../../../adapters/redis/documents.ts";
import { redis } from "../../../adapters/redis/mod.ts";
import { journaledStore } from "../../../src/documents/journaled_store.ts";
import { journalOf } from "../../../src/documents/journaled.ts";
import { sleep } from "../../../src/waiting.ts";
import { author, coreOn } from "./core.ts";

/** A pause between two edits, at most, in milliseconds. */
const PAUSE_MS_MAX = 8;

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
    // Who never pauses is always there before who lost a race to him: what is refused for that was not committed.
    if (result.kind === "committed") say(`${text} ${result.op.version}`);
    else if (result.kind !== "refused") throw new Error(`It is ${result.kind}`);
    await sleep(backend.clock, backend.random.float() * PAUSE_MS_MAX);
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
