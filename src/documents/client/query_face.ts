/**
 * What a user of the client sees of queries.
 *
 * @module
 */

import type { CodedError } from "../../errors.ts";
import type { EventSource } from "../../events.ts";
import type { Json } from "../../json.ts";
import type { WaitOptions } from "../../waiting.ts";
import type { Doc } from "./face.ts";

/** How a query is asked. */
export interface QueryOptions extends WaitOptions {
  /** Documents that are here already, in order, such as a page got them from its server: only what is new then comes. */
  readonly results?: readonly Doc[];
}

/** Some documents of a result, and where in it. */
export interface QueryPlace {
  /** The documents. */
  readonly docs: readonly Doc[];
  /** Where the first of them is now, or was. */
  readonly index: number;
}

/** What a query tells, each after `results` shows it. */
export interface QueryEvents {
  /** Documents came in. */
  insert: QueryPlace;
  /** Documents left. */
  remove: QueryPlace;
  /** Documents are elsewhere; `from` is where the first of them was. */
  move: QueryPlace & { readonly from: number };
  /** What is told beside the results is another. */
  extra: Json | undefined;
  /** The server has answered: at first, and on every new connection. */
  ready: undefined;
  /** The server gave up the query: its results are what they were last. */
  error: CodedError;
}

/**
 * A query and its result. While a document is in the result of a live query, its changes come, and it stays even if it is
 * destroyed.
 */
export interface Query extends EventSource<QueryEvents>, AsyncDisposable {
  /** The collection. */
  readonly collection: string;
  /** What is asked. */
  readonly query: Json;
  /** The documents that match, in order. */
  readonly results: readonly Doc[];
  /** Their ids. */
  readonly ids: readonly string[];
  /** What is told beside them: the number of matches, if `$count` asks for it. */
  readonly extra: Json | undefined;
  /** Whether changes come. */
  readonly isSubscribed: boolean;
  /** Hears no more of it. The documents stay. */
  destroy(): void;
}
