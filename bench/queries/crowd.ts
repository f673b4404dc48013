/**
 * Many live queries on one server, whoever makes it.
 *
 * @module
 */

import type { JsonObject } from "../../src/json.ts";

/** A query: conditions, and the first so many by a field, the greatest first. */
export interface BenchQuery {
  readonly where: JsonObject;
  readonly sort?: string;
  readonly limit?: number;
}

/** Live queries of one client, and another one that edits. */
export interface Crowd {
  /** Opens queries, all at once. */
  open(queryOf: (index: number) => BenchQuery, count: number): Promise<void>;
  /**
   * Adds to a number of a document, and waits until every query has taken that in: ours once the client has heard so much
   * of it (`tellings`), the peer once its server has asked its database about every query.
   */
  edit(document: number, field: string, by: number, tellings: number): Promise<void>;
  /** Ends the queries. */
  shut(): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
}
