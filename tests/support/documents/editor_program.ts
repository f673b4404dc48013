/**
 * A process with a client that edits the document `1` of `things`: `editor_program.ts URL TOKEN NAME EDITS ALL`. Inserts
 * `NAME.0`, `NAME.1`, … into the list `l`, waits until there are as many as ALL, and prints what it sees then.
 *
 * @module
 */

import { redis } from "../../../adapters/redis/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { eventually } from "../eventually.ts";

if (import.meta.main) {
  const [url = "", token = "", name = "", edits = "0", all = "0"] = Deno.args;
  const documents = createDocuments(redis({ url, token }), {
    secret: "the secret of all processes",
  });
  const connection = documents.connect();
  const doc = connection.get("things", "1");
  await doc.subscribe();
  const list = (): readonly string[] => (doc.data as { readonly l: readonly string[] }).l;
  for (let at = 0; at < Number(edits); at++) {
    void doc.submit([{ p: ["l", Math.min(at, list().length)], li: `${name}.${at}` }]);
    if (at % 3 === 0) await doc.whenNothingPending();
  }
  await doc.whenNothingPending();
  await eventually("everybody's edits are here", () => list().length === Number(all));
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(list())));
  connection.close();
  documents.close();
  Deno.exit(0);
}
