/**
 * Live queries over npm `sharedb`'s server and its database in memory with MongoDB's language, by its own client.
 *
 * @module
 */
// Packages without types.
// deno-lint-ignore-file no-explicit-any

import { createRequire } from "node:module";
import type { Crowd } from "./crowd.ts";

const require = createRequire(import.meta.url);
const ShareDb: any = require("sharedb");
const MingoMemory: any = require("sharedb-mingo-memory");
ShareDb.logger?.setMethods({ info() {}, warn() {}, error() {} });

/** A server with so many documents. */
export async function otherQueries(documents: number): Promise<Crowd> {
  const backend = new ShareDb({ db: new MingoMemory() });
  const [connection, writer] = [backend.connect(), backend.connect()];
  for (let n = 0; n < documents; n++) {
    await called((done) => writer.get("things", `${n}`).create({ n, v: 0 }, done));
  }
  let [asked, until, tell] = [0, 0, (): void => {}];
  backend.on("timing", (what: string) => {
    if (!what.startsWith("queryEmitter.poll")) return;
    if (++asked >= until) tell();
  });
  const open: any[] = [];
  return {
    open: async (queryOf, count) => {
      await Promise.all(Array.from({ length: count }, (_, i) =>
        called((done) => {
          const { where, sort, limit } = queryOf(i);
          const by = sort === undefined ? {} : { $sort: { [sort]: -1 }, $limit: limit };
          open.push(connection.createSubscribeQuery("things", { ...where, ...by }, null, done));
        })));
    },
    edit: async (n, field, by) => {
      until = asked + open.length;
      const taken = new Promise<void>((resolve) => tell = resolve);
      await called((done) => writer.get("things", `${n}`).submitOp([{ p: [field], na: by }], done));
      await taken;
    },
    shut: async () => {
      for (const query of open.splice(0)) await called((done) => query.destroy(done));
    },
    close: () => called((done) => backend.close(done)),
  };
}

function called(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => error ? reject(error) : resolve()));
}
