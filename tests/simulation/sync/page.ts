/**
 * Pages of a browser: a client each, with a storage that outlives it.
 *
 * @module
 */

import type { Random } from "../../../src/random.ts";
import {
  connectSync,
  type SyncClient,
  type SyncCollection,
  type SyncStorage,
} from "../../../src/sync/client/mod.ts";
import type { SyncSubject } from "../../../src/sync/mod.ts";
import type { Todo } from "../../support/sync/todos.ts";
import { codeOf } from "../lived.ts";
import { fetchOf, socketsOf, type WireOptions } from "./wire.ts";

/** A page of somebody. */
export interface Page {
  readonly owner: string;
  /** How it speaks to hubs. */
  readonly road: "ws" | "http";
  readonly storage: SyncStorage;
  client: SyncClient;
  todos: SyncCollection<Todo>;
}

/** What a page needs. */
export interface PageOptions extends Omit<WireOptions, "subject"> {
  readonly random: Random;
  /** Whether what bears this text cannot have been lost. */
  readonly isKept: (text: string) => boolean;
  /** Told of what happens. */
  readonly saw: (what: string) => void;
  /** Told of what must not be seen at any moment. */
  readonly failed: (what: string) => void;
}

/** Loads a page. */
export function openPage(
  { owner, road, storage }: Pick<Page, "owner" | "road" | "storage">,
  { isKept, saw, failed, random, ...wire }: PageOptions,
): Pick<Page, "client" | "todos"> {
  const client = connectSync(`${road}://hub.example.org/sync`, {
    token: owner,
    clock: wire.clock,
    random,
    storage,
    locks: null,
    fetch: fetchOf(wire),
    WebSocket: socketsOf({ ...wire, subject: { id: owner } }),
  });
  const todos = client.collection<Todo>("Todo");
  todos.ready.catch((error) => saw(`not ready ${codeOf(error)}`));
  client.on("error", (error) => saw(`error ${codeOf(error)}`));
  for (const name of ["upsert", "delete", "reset"] as const) {
    todos.on(name, () => {
      saw(name);
      // Under two ids, or one of them temporary.
      const texts = todos.records.flatMap(({ text }) => text && isKept(text) ? text : []);
      if (new Set(texts).size < texts.length) failed("a record is seen twice");
      const isFor = (record: Todo) => sees({ id: owner }, { scopes: record });
      if (!todos.records.every(isFor)) failed("a record is seen by another");
    });
  }
  return { client, todos };
}

/** Whether somebody sees a record. */
export function sees(
  subject: SyncSubject | undefined,
  { scopes: { owner } }: { readonly scopes: { readonly owner?: unknown } },
): boolean {
  return owner === undefined || owner === subject?.id;
}
