/**
 * Clients of hubs under everything that may go wrong: two processes that write, hints that are lost and doubled, stores
 * that cannot be reached, lose their answers or everything, sockets that are slow and cut, pages that are loaded anew.
 *
 * At no moment a client sees a record that is not for it. Whenever things calm down, every client sees exactly what the
 * store has for it and nothing waits; what was acknowledged was made once, and what was refused was not made.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import type { MemoryBackend } from "../../../adapters/memory/mod.ts";
import type { ModelWrite } from "../../../src/models/port.ts";
import type { Model } from "../../../src/models/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { memoryStorage } from "../../../src/sync/client/mod.ts";
import { createSync, type SyncHub, type SyncSubject } from "../../../src/sync/mod.ts";
import { manualClock, passing } from "../../contracts/manual_clock.ts";
import { macOnThread } from "../../support/mac_on_thread.ts";
import { todosOn, type TodoTypes } from "../../support/sync/todos.ts";
import { type Dice, diceOf, oneOf } from "../../src/queries/draw.ts";
import { codeOf, lived, type Run } from "../lived.ts";
import { turn } from "../turn.ts";
import { openPage, type Page, sees } from "./page.ts";
import { roughBackend } from "./rough.ts";

const STEPS = 90;
const CLIENTS = 4;
const CALM_TURNS = 60;
const OWNERS = ["ada", "bob", undefined];

/** Lives through a seed. */
export async function runSeed(seed: number): Promise<Run> {
  using _mac = macOnThread();
  return await lived(new World(diceOf(seed), seed));
}

class World {
  readonly seen = new Map<string, number>();
  readonly #dice: Dice;
  readonly #clock = manualClock(undefined, turn);
  readonly #backend: MemoryBackend;
  readonly #wipe: () => void;
  readonly #mayBeWiped: boolean;
  /** The first is the process of the first hub, and so on. */
  readonly #models: readonly Model<TodoTypes>[];
  readonly #hubs: readonly SyncHub<SyncSubject>[];
  readonly #pages: Page[] = [];
  readonly #cuts = new Set<() => void>();
  /** How often a record with each text was made. */
  readonly #made = new Map<string, number>();
  /** What the writers of such records were told. */
  readonly #told = new Map<string, string>();
  readonly #joined = new Set<string | undefined>();
  #isRough = true;
  #marks = 0;
  /** What was written up to this mark may have been lost. */
  #lost = 0;
  #failure: Error | undefined;

  constructor(dice: Dice, seed: number) {
    this.#dice = dice;
    this.#mayBeWiped = dice(0, 3) === 0;
    const { backend, wipe } = roughBackend({
      dice,
      clock: this.#clock,
      random: seededRandom(seed),
      isRough: () => this.#isRough,
      saw: (what) => this.#saw(what),
      wrote: (write) => this.#wrote(write),
    });
    this.#backend = backend;
    this.#wipe = wipe;
    this.#models = [0, 1].map(() => todosOn(backend));
    this.#hubs = this.#models.map((todos) =>
      createSync<SyncSubject>(backend, {
        models: [todos],
        sees,
        authenticate: (_request, { token }) => token === undefined ? undefined : { id: token },
        limits: { messagesBurst: 10_000 },
      })
    );
    for (let i = 0; i < CLIENTS; i++) {
      const road = oneOf(dice, ["ws", "ws", "http"] as const);
      const page = { owner: OWNERS[i % 2] ?? "", road, storage: memoryStorage() };
      this.#pages.push({ ...page, ...this.#load(page) });
    }
  }

  async live(): Promise<void> {
    await this.#begin();
    for (let step = 0; step < STEPS; step++) {
      await this.#step();
      if (this.#dice(0, 3) === 0) await turn();
      if (this.#dice(0, 3) === 0) await this.#clock.advance(this.#dice(1, 400));
      if (step % 30 === 29) await this.#calm();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async end(): Promise<void> {
    const closing = [...this.#pages.map(({ client }) => client), ...this.#hubs];
    await passing(this.#clock, Promise.all(closing.map((one) => one.close())));
  }

  async #step(): Promise<void> {
    const kind = this.#dice(0, 20);
    if (kind < 9) this.#write(oneOf(this.#dice, this.#pages));
    else if (kind < 16) await this.#writeBehind();
    else if (kind < 18) this.#cut();
    else if (kind < 19) await this.#reload(oneOf(this.#dice, this.#pages));
    else if (this.#mayBeWiped && this.#dice(0, 3) === 0) {
      this.#saw("wiped");
      this.#wipe();
      // What was made is lost, and what nobody acknowledged is made anew.
      this.#made.clear();
      this.#lost = this.#marks;
      await this.#begin();
    }
  }

  /** Makes a record for sure. A life of the model that ends before its first write has no places of its own. */
  async #begin(): Promise<void> {
    const [todos] = this.#models;
    const isRough = this.#isRough;
    this.#isRough = false;
    if (todos !== undefined) await passing(this.#clock, todos.create({ text: this.#mark() }));
    this.#isRough = isRough;
  }

  #saw(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  #wrote(write: ModelWrite): void {
    if (write.kind !== "put" || write.id !== undefined) return;
    const { text } = JSON.parse(write.body);
    this.#made.set(text, (this.#made.get(text) ?? 0) + 1);
  }

  /** Somebody writes on a page. */
  #write({ owner, todos }: Page): void {
    const record = todos.records.length > 0 ? oneOf(this.#dice, todos.records) : undefined;
    const id = record?.id;
    const kind = this.#dice(0, 6);
    if (kind < 3 || id === undefined) {
      const text = this.#mark();
      const told = (outcome: string) => {
        this.#saw(`creation ${outcome}`);
        this.#told.set(text, outcome);
      };
      todos.upsert({ text, owner: this.#dice(0, 2) === 0 ? owner : undefined })
        .then(() => told("done"), (error) => told(codeOf(error)));
      return;
    }
    // A creation that was not sent may be joined with what follows: one that is deleted is not made at all.
    if (record?.$version === undefined) this.#joined.add(record?.text);
    const told = kind < 5
      ? todos.upsert({ id, done: this.#dice(0, 2) === 0 }, { patch: true })
      : todos.delete(id);
    const name = kind < 5 ? "change" : "deletion";
    told.then(() => this.#saw(`${name} done`), (error) => this.#saw(`${name} ${codeOf(error)}`));
  }

  /** A process writes without a hub. */
  async #writeBehind(): Promise<void> {
    const todos = oneOf(this.#dice, this.#models);
    const owner = OWNERS[this.#dice(0, OWNERS.length)];
    const id = this.#dice(1, 12);
    const kind = this.#dice(0, 6);
    try {
      await passing<unknown>(
        this.#clock,
        kind < 3
          ? todos.create({ text: this.#mark(), owner })
          : kind < 5
          ? todos.patch(id, { owner, done: true })
          : todos.delete(id),
      );
      this.#saw("behind");
    } catch (error) {
      this.#saw(`behind ${codeOf(error)}`);
    }
  }

  #isKept(text: string): boolean {
    return Number(text.slice(5)) > this.#lost;
  }

  #mark(): string {
    return `mark ${++this.#marks}`;
  }

  #cut(): void {
    this.#saw("cut");
    for (const cut of [...this.#cuts]) if (this.#dice(0, 2) === 0) cut();
  }

  /** A page is loaded anew. */
  async #reload(page: Page): Promise<void> {
    this.#saw("reload");
    await passing(this.#clock, page.client.close());
    Object.assign(page, this.#load(page));
  }

  #load(page: Pick<Page, "owner" | "road" | "storage">): Pick<Page, "client" | "todos"> {
    return openPage(page, {
      dice: this.#dice,
      clock: this.#clock,
      random: this.#backend.random,
      hub: () => oneOf(this.#dice, this.#hubs),
      cuts: this.#cuts,
      isKept: (text) => this.#isKept(text),
      saw: (what) => this.#saw(what),
      failed: (what) => this.#failure ??= new Error(what),
    });
  }

  /** Nothing goes wrong for a while, and time passes: then everything must hold. */
  async #calm(): Promise<void> {
    this.#isRough = false;
    // What is written last tells whoever missed something before.
    await this.#begin();
    for (let turn = 1;; turn++) {
      await this.#clock.advance(2_000);
      try {
        await this.#check();
        break;
      } catch (error) {
        if (turn === CALM_TURNS) throw error;
      }
    }
    this.#isRough = true;
  }

  async #check(): Promise<void> {
    const stored = await this.#models[0]?.find({}, { limit: 1_000 });
    for (const { client, todos, owner } of this.#pages) {
      const shown = todos.records.map((record) => ({ ...record }));
      const wanted = (stored?.records ?? [])
        .filter((record) => sees({ id: owner }, { scopes: record }));
      deepStrictEqual([...shown].sort(byId), [...wanted].sort(byId), `what ${owner} sees`);
      deepStrictEqual(client.pending, 0, "writes that wait");
    }
    for (const [text, times] of this.#made) deepStrictEqual(times, 1, `${text} is made once`);
    for (const [text, outcome] of this.#told) {
      if (this.#joined.has(text) || !this.#isKept(text)) continue;
      if (outcome === "done") deepStrictEqual(this.#made.get(text), 1, `${text} is made as told`);
      else if (outcome !== "ERR_OUTCOME_UNKNOWN" && outcome !== "ERR_CLOSED") {
        deepStrictEqual(this.#made.get(text), undefined, `${text} is not made: ${outcome}`);
      }
    }
  }
}

function byId(a: { readonly id: unknown }, b: { readonly id: unknown }): number {
  return Number(a.id) - Number(b.id);
}
