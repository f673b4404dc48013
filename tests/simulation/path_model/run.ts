/**
 * Path models under everything that may go wrong: what they hold is taken and let go at random, by contexts, while others
 * write, hints are lost, stores cannot be reached or lose everything, and connections are cut.
 *
 * Whenever things calm down, every document that is held by a subscription is as the store has it, every subscribed query
 * lists what a fresh evaluation does, whoever only listens knows the same, and what nobody holds is gone.
 *
 * @module
 */

import type { Change } from "../../../src/documents/change.ts";
import type { DocumentCore } from "../../../src/documents/core.ts";
import { documentCore } from "../../../src/documents/document_core.ts";
import type { DocumentsBackend } from "../../../src/documents/port.ts";
import { coreSettings } from "../../../src/documents/settings.ts";
import type { Json } from "../../../src/json.ts";
import { createPathModel, type PathModel } from "../../../src/path_model/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { manualClock, passing } from "../../contracts/manual_clock.ts";
import { testServer } from "../../support/documents/server.ts";
import { macOnThread } from "../../support/mac_on_thread.ts";
import { type Dice, diceOf, drawData, oneOf } from "../../src/queries/draw.ts";
import { connectThrough } from "../queries/links.ts";
import { roughBackend } from "../queries/rough.ts";
import { codeOf, lived, type Run } from "../lived.ts";
import { turn } from "../turn.ts";
import { COLLECTION, type Desk, DOCUMENTS, QUERIES, wrongAt } from "./desk.ts";

const FIELDS = ["a", "b", "c"];
const STEPS = 90;
const CALM_TURNS = 60;
const CONTEXTS = ["root", "page"];

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
  readonly #core: DocumentCore;
  readonly #server;
  readonly #cuts = new Set<() => void>();
  readonly #desks: readonly Desk[];
  #isRough = true;
  #sequence = 0;
  #failure: Error | undefined;

  constructor(dice: Dice, seed: number) {
    this.#dice = dice;
    this.#backend = roughBackend({
      dice,
      clock: this.#clock,
      random: seededRandom(seed),
      hasList: true,
      isRough: () => this.#isRough,
      saw: (what) => this.#saw(what),
    });
    const settings = { collections: { [COLLECTION]: { index: FIELDS } } };
    this.#core = documentCore(this.#backend, coreSettings(settings));
    this.#server = testServer(this.#backend, { settings });
    this.#desks = [0, 1].map(() => this.#desk());
  }

  async live(): Promise<void> {
    for (let id = 0; id < DOCUMENTS; id++) await this.#write(`${id}`, this.#creation());
    for (let step = 0; step < STEPS; step++) {
      await this.#step(oneOf(this.#dice, this.#desks));
      if (this.#dice(0, 4) === 0) await turn();
      if (this.#dice(0, 8) === 0) await this.#clock.advance(this.#dice(1, 400));
      if (step % 30 === 29) await this.#calm();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  end(): void {
    for (const { model, connection } of this.#desks) {
      model.close();
      connection.close();
    }
    this.#server.close();
  }

  #desk(): Desk {
    const { random } = this.#backend;
    const connection = connectThrough(this.#server, {
      clock: this.#clock,
      random,
      cuts: this.#cuts,
    });
    const onError = (error: unknown) => this.#saw(`error ${codeOf(error)}`);
    const model = createPathModel(connection, { clock: this.#clock, random, onError });
    const mirror = new Map<string, Json | undefined>();
    model.on("all", `${COLLECTION}.*`, (id: string) => {
      mirror.set(id, model.getDeepCopy([COLLECTION, id]));
    });
    model.on("all", `${COLLECTION}.*.**`, (id: string) => {
      mirror.set(id, model.getDeepCopy([COLLECTION, id]));
    });
    return { connection, model, held: new Map(), mirror };
  }

  async #step(desk: Desk): Promise<void> {
    const kind = this.#dice(0, 20);
    if (kind < 6) await this.#write(`${this.#dice(0, DOCUMENTS)}`, this.#change());
    else if (kind < 8) this.#set(desk);
    else if (kind < 13) this.#take(desk);
    else if (kind < 17) this.#letGo(desk);
    else if (kind < 18) this.#unload(desk);
    else {
      this.#saw("cut");
      for (const cut of [...this.#cuts]) if (this.#dice(0, 2) === 0) cut();
    }
  }

  #saw(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  #creation(): Change {
    return { kind: "create", type: "json", data: drawData(this.#dice) };
  }

  #change(): Change {
    const kind = this.#dice(0, 8);
    if (kind === 0) return { kind: "del" };
    if (kind === 1) return this.#creation();
    const value = oneOf<Json>(this.#dice, [0, 1, 2, "x", null]);
    return { kind: "op", op: [{ p: [oneOf(this.#dice, FIELDS)], oi: value }] };
  }

  /** Somebody else writes. */
  async #write(id: string, change: Change): Promise<void> {
    const identity = { source: "author", sequence: ++this.#sequence };
    const submission = { ...identity, change };
    try {
      await passing(this.#clock, this.#core.submit(COLLECTION, id, submission));
      this.#saw("write");
    } catch (error) {
      this.#saw(`write ${codeOf(error)}`);
    }
  }

  /** The user of a model writes where it has a document. */
  #set({ model }: Desk): void {
    const path = [COLLECTION, `${this.#dice(0, DOCUMENTS)}`];
    if (model.get(path) === undefined) return;
    this.#saw("set");
    const done = (error: unknown): void => {
      if (error !== undefined && error !== null) this.#saw(`set ${codeOf(error)}`);
    };
    if (this.#dice(0, 8) === 0) model.del(path, done);
    else model.set([...path, oneOf(this.#dice, FIELDS)], this.#dice(0, 3), done);
  }

  #take({ model, held }: Desk): void {
    const [context, hold] = [oneOf(this.#dice, CONTEXTS), this.#hold()];
    const target = this.#target();
    const key = `${context} ${hold} ${target}`;
    const count = (by: number) => held.set(key, Math.max(0, (held.get(key) ?? 0) + by));
    count(1);
    this.#saw(hold);
    // A hold that fails does not count.
    const wanted = thingOf(model.context(context), target);
    model.context(context)[hold](wanted).catch((error) => {
      this.#saw(`${hold} ${codeOf(error)}`);
      if (held.has(key)) count(-1);
    });
  }

  #letGo({ model, held }: Desk): void {
    const [context, hold, target] = [oneOf(this.#dice, CONTEXTS), this.#hold(), this.#target()];
    const key = `${context} ${hold} ${target}`;
    held.set(key, Math.max(0, (held.get(key) ?? 0) - 1));
    const view = model.context(context);
    const left = hold === "fetch"
      ? view.unfetch(thingOf(view, target))
      : view.unsubscribe(thingOf(view, target));
    left.catch((error) => this.#failure ??= error);
  }

  #unload({ model, held }: Desk): void {
    const context = oneOf(this.#dice, CONTEXTS);
    this.#saw("unload");
    model.unload(context);
    for (const key of [...held.keys()]) if (key.startsWith(`${context} `)) held.delete(key);
  }

  #hold(): "fetch" | "subscribe" {
    return this.#dice(0, 3) === 0 ? "fetch" : "subscribe";
  }

  /** A document or a query. */
  #target(): string {
    if (this.#dice(0, 2) === 0) return `${COLLECTION}.${this.#dice(0, DOCUMENTS)}`;
    return JSON.stringify(oneOf(this.#dice, QUERIES));
  }

  /** Nothing goes wrong for a while, and time passes: then everything must hold. */
  async #calm(): Promise<void> {
    this.#isRough = false;
    // What is written last tells whoever missed something before.
    await this.#write("last", { kind: "none" });
    let said = "";
    for (let turns = 0; turns < CALM_TURNS; turns++) {
      await this.#clock.advance(2_000);
      said = await this.#difference();
      if (said === "") break;
    }
    if (said !== "") throw new Error(said);
    this.#isRough = true;
  }

  async #difference(): Promise<string> {
    const ids = Array.from({ length: DOCUMENTS }, (_, id) => ({ id: `${id}` }));
    const results = await this.#core.read(COLLECTION, ids);
    const snapshots = results.flatMap((found) => found.kind === "snapshot" ? [found.snapshot] : []);
    for (const desk of this.#desks) {
      const wrong = wrongAt(desk, snapshots, this.seen.has("wiped"));
      if (wrong !== undefined) return wrong;
    }
    return "";
  }
}

function thingOf(view: PathModel, target: string) {
  return target.startsWith("{") ? view.query(COLLECTION, JSON.parse(target)) : target;
}
