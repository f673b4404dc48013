import { deepStrictEqual, strictEqual } from "node:assert/strict";
import * as Y from "yjs";
import { memory } from "../../../adapters/memory/mod.ts";
import type { Connection } from "../../../src/documents/client/connection_face.ts";
import { createDocuments, type Documents, journalOf } from "../../../src/documents/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { yjs } from "../../support/documents/yjs.ts";
import { wipeable } from "../../support/documents/wipeable.ts";
import { eventually } from "../../support/eventually.ts";

const KIND = { kind: "updates" } as const;
const STEPS = 120;

/** Somebody who adds names to a list, and comes back with what he had each time that he is cut off. */
class Member {
  readonly doc = new Y.Doc();
  readonly #storage = new Map<string, string>();
  #connection: Connection | undefined;

  /** Comes to a server. */
  come(documents: Documents): void {
    this.#connection?.close();
    this.#connection = documents.connect({ storage: this.#storage });
    const drawing = this.#connection.get("drawings", "1", KIND);
    drawing.on("update", ({ update }) => Y.applyUpdate(this.doc, update, "others"));
    // Refused only by the end of the connection.
    drawing.subscribe().catch(() => {});
  }

  add(name: string): void {
    const connection = this.#connection;
    const told = (update: Uint8Array, _origin: unknown): void => {
      connection?.get("drawings", "1", KIND).push(update).catch(() => {});
    };
    this.doc.once("update", told);
    this.doc.getArray("names").push([name]);
  }

  get names(): string[] {
    return this.doc.getArray<string>("names").toArray();
  }

  /** Whether everything that was pushed is committed, also what an earlier connection left. */
  get isDone(): boolean {
    return this.#connection?.hasPending === false && this.#storage.size === 0;
  }

  leave(): void {
    this.#connection?.close();
  }
}

Deno.test("UpdatesDoc keeps every update once through cuts, restarts and wipes", async () => {
  const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 31));
  // deno-lint-ignore no-console
  console.log(`SEED=${seed}`);
  const random = seededRandom(seed);
  const pick = (count: number): number => Math.floor(random.float() * count);
  const backend = memory();
  const { store, wipe } = wipeable(backend.wakes);
  const journal = journalOf(backend.documents);
  const open = () =>
    createDocuments({ ...backend, documents: store, journal }, {
      types: [yjs],
      secret: "a secret of the tests",
      keep: { snapshotEvery: 1 + pick(10), ops: pick(30) },
    });
  const servers = [open(), open()];
  const members = Array.from({ length: 3 }, () => new Member());
  const server = () => servers[pick(2)] ?? open();
  for (const member of members) member.come(server());
  const added: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const member = members[pick(3)];
    const dice = random.float();
    if (dice < 0.1) member?.come(server());
    else if (dice < 0.13) await wipe();
    else {
      member?.add(`${step}`);
      added.push(`${step}`);
    }
    for (let turns = pick(30); turns > 0; turns--) await undefined;
  }
  await eventually("everything is committed", () => members.every(({ isDone }) => isDone));
  await eventually(
    "everybody has everything",
    () => members.every(({ names }) => names.length === added.length),
  );
  for (const { names } of members) deepStrictEqual(names, members[0]?.names);
  deepStrictEqual(
    members[0]?.names.toSorted((a, b) => Number(a) - Number(b)),
    added,
  );
  const kept = new Y.Doc();
  Y.applyUpdate(kept, await servers[0]?.updates("drawings", "1").read() ?? new Uint8Array());
  strictEqual(kept.getArray("names").length, added.length);
  for (const member of members) member.leave();
  for (const one of servers) one.close();
});
