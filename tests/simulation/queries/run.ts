/**
 * Live queries under everything that may go wrong: operations of several processes at once, hints that are lost and
 * doubled, journals that were trimmed, stores that cannot be reached or lose everything, connections that are cut.
 *
 * At no moment a result shows a document twice, or one that is not for who asks; and whenever things calm down every
 * query shows exactly what a fresh evaluation shows, and every document in it is as it is in the store.
 *
 * @module
 */

import type { Change } from "../../../src/documents/change.ts";
import type { Connection } from "../../../src/documents/client/connection_face.ts";
import type { Query } from "../../../src/documents/client/query_face.ts";
import type { DocumentCore } from "../../../src/documents/core.ts";
import { documentCore } from "../../../src/documents/document_core.ts";
import type { DocumentsBackend } from "../../../src/documents/port.ts";
import { coreSettings } from "../../../src/documents/settings.ts";
import { HoldfastError } from "../../../src/errors.ts";
import type { Json, JsonObject } from "../../../src/json.ts";
import { parseQuery, planQuery } from "../../../src/queries/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { manualClock, passing } from "../../contracts/manual_clock.ts";
import { testServer } from "../../support/documents/server.ts";
import { macOnThread } from "../../support/mac_on_thread.ts";
import { type Dice, diceOf, drawData, drawWhere, oneOf } from "../../src/queries/draw.ts";
import { wrongIn } from "./fresh.ts";
import { connectThrough } from "./links.ts";
import { COLLECTION, drawReaders, type Readers } from "./readers.ts";
import { lived, type Run } from "../lived.ts";
import { turn } from "../turn.ts";
import { roughBackend } from "./rough.ts";

const FIELDS = ["a", "b", "c"];
const DOCUMENTS = 36;
const STEPS = 60;
const QUERIES = 14;
const CALM_TURNS = 60;
const SHAPES: readonly JsonObject[] = [
  {},
  { $sort: { a: 1 } },
  { $sort: { b: -1, a: 1 } },
  { $sort: { a: -1, b: 1 }, $limit: 3 },
  { $sort: { b: 1 }, $limit: 2, $skip: 2 },
  { $sort: { c: -1 }, $limit: 1 },
  { $limit: 4 },
  { $skip: 1 },
  { $limit: 0 },
  { $count: true },
];

const WHERES: readonly JsonObject[] = [{}, { a: { $gte: 0 } }, { b: { $ne: 1 } }, { a: 1 }];

/** Lives through a seed. */
export async function runSeed(seed: number): Promise<Run> {
  using _mac = macOnThread();
  return await lived(new World(diceOf(seed), seed));
}

class World {
  readonly seen = new Map<string, number>();
  readonly #dice: Dice;
  readonly #clock = manualClock(undefined, turn);
  readonly #backend: DocumentsBackend;
  readonly #hasList: boolean;
  readonly #cores: readonly DocumentCore[];
  readonly #connections: Connection[] = [];
  readonly #links = new Set<() => void>();
  readonly #queries: { readonly query: Query; readonly connection: Connection }[] = [];
  readonly #readers: Readers;
  readonly #server;
  /** Now and then much is deleted. */
  #deleting = 0;
  #isRough = true;
  #sequence = 0;
  #failure: Error | undefined;

  constructor(dice: Dice, seed: number) {
    this.#dice = dice;
    this.#hasList = dice(0, 2) === 0;
    this.#backend = roughBackend({
      dice,
      clock: this.#clock,
      random: seededRandom(seed),
      hasList: this.#hasList,
      isRough: () => this.#isRough,
      saw: (what) => this.#saw(what),
    });
    const settings = {
      collections: { [COLLECTION]: { index: FIELDS, shards: 1 + dice(0, 2) } },
      recentMax: oneOf(dice, [0, 5, 1_000]),
    };
    // The first is the server's own process, the second another one.
    this.#cores = [0, 1].map(() => documentCore(this.#backend, coreSettings(settings)));
    this.#readers = drawReaders(dice);
    this.#server = testServer(this.#backend, { settings, ...this.#readers.options });
    for (let i = 0; i < 3; i++) this.#connections.push(this.#connect());
  }

  async live(): Promise<void> {
    for (let id = 0; id < DOCUMENTS; id++) await this.#submit(`${id}`, this.#creation());
    for (let step = 0; step < STEPS; step++) {
      if (step % 20 === 0) this.#deleting = oneOf(this.#dice, [0, 0, 4]);
      await this.#step();
      if (this.#dice(0, 4) === 0) await turn();
      if (this.#dice(0, 12) === 0) await this.#clock.advance(this.#dice(1, 400));
      if (step % 20 === 19) await this.#calm();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  end(): void {
    for (const connection of this.#connections) connection.close();
    this.#server.close();
  }

  async #step(): Promise<void> {
    const kind = this.#dice(0, 14);
    if (kind < 7) await this.#edit();
    else if (kind > 11) this.#editShown();
    else if (kind < 10) this.#open();
    else if (kind < 11) this.#cut();
    else this.#drop();
  }

  #saw(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  /** Submits something by one of the processes, which may come to nothing. */
  async #edit(): Promise<void> {
    const id = String(this.#dice(0, DOCUMENTS));
    const kind = this.#dice(0, 10);
    const name = oneOf(this.#dice, FIELDS);
    const value = oneOf<Json>(this.#dice, [0, 1, 2, "x", null]);
    if (kind < 1) await this.#submit(id, this.#creation());
    else if (kind < 2 + this.#deleting) await this.#submit(id, { kind: "del" });
    else await this.#submit(id, { kind: "op", op: [{ p: [name], oi: value }] });
  }

  /** A client edits a document of a result. */
  #editShown(): void {
    const query = this.#queries[this.#dice(0, this.#queries.length + 1)]?.query;
    const doc = query?.results[this.#dice(0, query.results.length + 1)];
    if (doc?.data === undefined) return;
    const [name, oi] = [oneOf(this.#dice, ["a", "c"]), this.#dice(0, 3)];
    const edited = this.#dice(0, 6) === 0 ? doc.del() : doc.submit([{ p: [name], oi }]);
    edited.then(
      () => this.#saw("edited"),
      (error) =>
        HoldfastError.is(error) ? this.#saw(`edited ${error.code}`) : this.#failure ??= error,
    );
  }

  #creation(): Change {
    return { kind: "create", type: "json", data: drawData(this.#dice) };
  }

  async #submit(id: string, change: Change): Promise<void> {
    const core = oneOf(this.#dice, this.#cores);
    const identity = { source: "author", sequence: ++this.#sequence };
    try {
      const result = await passing(
        this.#clock,
        core.submit(COLLECTION, id, { ...identity, change }),
      );
      this.#saw(result.kind === "committed" ? change.kind : "refused");
    } catch (error) {
      // The store could not be reached: whether it is committed shows.
      if (!HoldfastError.is(error)) throw error;
      this.#saw(error.code);
    }
  }

  #open(): void {
    if (this.#queries.length >= QUERIES) return this.#drop();
    const connection = oneOf(this.#dice, this.#connections);
    const where = this.#dice(0, 2) === 0 ? drawWhere(this.#dice) : oneOf(this.#dice, WHERES);
    const raw = { ...where, ...oneOf(this.#dice, SHAPES) };
    if (!this.#hasList) {
      try {
        planQuery(parseQuery(raw), FIELDS);
      } catch {
        // ERR_NOT_INDEXED: such a query is refused, which is shown elsewhere.
        return;
      }
    }
    connection.subscribeQuery(this.#readers.name(), raw).then((query) => {
      this.#saw(`query of ${query.collection}`);
      this.#queries.push({ query, connection });
      for (const name of ["insert", "remove", "move", "extra"] as const) {
        query.on(name, () => {
          this.#saw(name);
          const wrong = new Set(query.ids).size < query.ids.length
            ? "is shown twice"
            : query.ids.every(this.#readers.mayRead)
            ? undefined
            : "is for nobody";
          if (wrong === undefined) return;
          this.#failure ??= new Error(`a document ${wrong}: ${JSON.stringify(raw)}`);
        });
      }
    }, (error) => {
      // Whoever asks while the store cannot be reached is told so.
      if (!HoldfastError.is(error, "ERR_UNAVAILABLE")) this.#failure ??= error;
    });
  }

  #cut(): void {
    this.#saw("cut");
    for (const cut of [...this.#links]) if (this.#dice(0, 2) === 0) cut();
  }

  #drop(): void {
    const [gone] = this.#queries.splice(this.#dice(0, Math.max(1, this.#queries.length)), 1);
    gone?.query.destroy();
  }

  /** Nothing goes wrong for a while, and time passes: then everything must hold. */
  async #calm(): Promise<void> {
    this.#isRough = false;
    // What is written last tells whoever missed something before.
    const [core] = this.#cores;
    for (let id = DOCUMENTS; core !== undefined && id < DOCUMENTS + 8; id++) {
      const identity = { source: "author", sequence: ++this.#sequence };
      const change: Change = { kind: "none" };
      await passing(this.#clock, core.submit(COLLECTION, `${id}`, { ...identity, change }));
    }
    let said = "";
    for (let turn = 0; turn < CALM_TURNS; turn++) {
      await this.#clock.advance(2_000);
      said = await this.#difference();
      if (said === "") break;
    }
    if (said !== "") throw new Error(said);
    this.#isRough = true;
  }

  /** What of the queries is not as a fresh evaluation has it. */
  async #difference(): Promise<string> {
    const [core] = this.#cores;
    const ids = Array.from({ length: DOCUMENTS }, (_, id) => ({ id: `${id}` }));
    const results = await core?.read(COLLECTION, ids) ?? [];
    const snapshots = results.flatMap((found) => found.kind === "snapshot" ? [found.snapshot] : []);
    for (const { query, connection } of this.#queries) {
      if (connection.state !== "connected") return "a connection does not come back";
      if (connection.hasPending) return "an edit is not answered";
      const wrong = wrongIn(query, snapshots, this.#readers);
      if (wrong !== undefined) return `${JSON.stringify(query.query)} ${wrong}`;
    }
    return "";
  }

  #connect(): Connection {
    return connectThrough(this.#server, {
      clock: this.#clock,
      random: this.#backend.random,
      cuts: this.#links,
    });
  }
}
