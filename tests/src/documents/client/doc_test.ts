/**
 * Documents of a client, against the smallest server, in virtual time.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { json, text } from "../../../../src/ot/mod.ts";
import {
  ReferenceServer,
  type ServerRules,
} from "../../../simulation/documents/reference_server.ts";
import { type GuestOptions, Table } from "../../../simulation/documents/table.ts";

function table(rules: ServerRules = {}) {
  const table = new Table(new ReferenceServer([json, text], rules));
  const seat = (options: GuestOptions = {}) => table.seat(options);
  return { table, server: table.server, seat, run: (ms?: number) => table.run(ms) };
}

Deno.test("Doc.create(), submit() and del() are seen at once and committed in order", async () => {
  const { seat, run, server } = table();
  const [a, b] = [seat(), seat()];
  const post = a.connection.get("posts", "1");
  const created = post.create({ n: 1 });
  deepStrictEqual(post.data, { n: 1 });
  run();
  await created;
  const seen = b.connection.get("posts", "1");
  const subscribed = seen.subscribe();
  run();
  await subscribed;
  deepStrictEqual(seen.data, { n: 1 });
  const edited = post.submit([{ p: ["n"], na: 1 }]);
  run();
  await edited;
  deepStrictEqual(seen.data, { n: 2 });
  const deleted = post.del();
  strictEqual(post.data, undefined);
  run();
  await deleted;
  strictEqual(seen.data, undefined);
  strictEqual(server.doc("posts", "1").version, 3);
  strictEqual(seen.version, 3);
});
