/**
 * Any ShareDB database as the durable journal behind documents: MongoDB by `sharedb-mongo`, PostgreSQL by
 * `sharedb-postgres`, and every other adapter.
 *
 * @module
 */

export type { DatabaseOptions, ShareDbCallback, ShareDbDatabase } from "./database.ts";
export { fromShareDb, type ShareDbOptions } from "./journal.ts";
