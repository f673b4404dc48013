/**
 * Live queries over our server in memory, by one client within the process.
 *
 * @module
 */

import { memory } from "../../adapters/memory/mod.ts";
import type { Query } from "../../src/documents/client/mod.ts";
import { createDocuments } from "../../src/documents/mod.ts";
import type { Crowd } from "./crowd.ts";

/** A server with so many documents. */
export async function ownQueries(documents: number): Promise<Crowd> {
  const server = createDocuments(memory(), { limits: { queriesMax: 10_000 } });
  for (let n = 0; n < documents; n++) {
    await server.submit("things", `${n}`, { create: { data: { n, v: 0 } } });
  }
  const connection = server.connect();
  const writer = server.connect();
  const open: Query[] = [];
  let told = 0;
  let tell = (): void => {};
  const hear = (): void => {
    told++;
    tell();
  };
  for (let n = 0; n < documents; n++) connection.get("things", `${n}`).on("op", hear);
  // Only before an edit, and once: what is measured of opening and of memory is without listeners, as the peer's is.
  let listened = 0;
  const listen = (): void => {
    for (const query of open.slice(listened)) {
      query.on("insert", hear);
      query.on("remove", hear);
    }
    listened = open.length;
  };
  return {
    open: async (queryOf, count) => {
      open.push(
        ...await Promise.all(
          Array.from({ length: count }, (_, i) => {
            const { where, sort, limit } = queryOf(i);
            const by = sort === undefined ? {} : { $sort: { [sort]: -1 }, $limit: limit };
            return connection.subscribeQuery("things", { ...where, ...by });
          }),
        ),
      );
    },
    edit: async (n, field, by, tellings) => {
      listen();
      const until = told + tellings;
      const heard = new Promise<void>((resolve) => {
        tell = () => {
          if (told >= until) resolve();
        };
      });
      const doc = writer.get("things", `${n}`);
      if (doc.version === undefined) await doc.fetch();
      await doc.submit([{ p: [field], na: by }]);
      await heard;
    },
    shut: async () => {
      for (const query of open.splice(0)) query.destroy();
      listened = 0;
      await connection.whenNothingPending();
    },
    close: () => {
      connection.close();
      writer.close();
      server.close();
      return Promise.resolve();
    },
  };
}
