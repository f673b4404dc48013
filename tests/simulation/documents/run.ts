/**
 * Runs of people who edit documents together, while everything breaks that can: ways, publishes, clients, the server, the
 * store. One seed is one run.
 *
 * In the end all ways are mended and everybody must see what the server has; and of every edit that carries a mark it
 * must be known what became of it: committed once if it was said to be, not at all if it was said not to be.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import type { HoldfastError } from "../../../src/errors.ts";
import { serialized } from "../../../src/documents/client/live.ts";
import type { Doc } from "../../../src/documents/client/face.ts";
import { type Dice, diceFor } from "../dice.ts";
import type { Run } from "../lived.ts";
import { EDITS, type Edits, PLAIN_EDITS } from "./edits.ts";
import { type Message, ReferenceServer } from "./reference_server.ts";
import { SlowStorage } from "./slow_storage.ts";
import { type Guest, Table } from "./table.ts";

/** What became of an edit, as far as its author was told. */
type Fate = "open" | "committed" | { readonly code: string };

interface Person {
  guest: Guest;
  readonly storage: SlowStorage | undefined;
  readonly name: string;
}

const OWN: readonly Edits[] = [...EDITS, PLAIN_EDITS];

/** Runs a seed, with documents of one of these kinds. */
export async function runSeed(seed: number, edits: readonly Edits[] = OWN): Promise<Run> {
  return await new Party(seed, edits).run();
}

class Party {
  readonly #dice: Dice;
  readonly #edits: Edits;
  readonly #table: Table;
  readonly #people: Person[];
  readonly #fates = new Map<string, Fate>();
  readonly #seen = new Map<string, number>();
  readonly #committed: string[] = [];
  #marks = 0;
  #isHealed = false;
  #seats = 0;
  #broken: Error | undefined;
  readonly #mayFlush: boolean;
  readonly #told: Promise<void>[] = [];
  /** The marks of what a storage had when its process ended, and of which no other process said that it is refused. */
  readonly #kept = new Map<Person, Set<string>>();

  constructor(seed: number, edits: readonly Edits[]) {
    const dice = diceFor(seed, "run");
    this.#dice = dice;
    this.#edits = dice.pick(edits);
    const refusal = dice.chance(0.3) ? 0.1 : 0;
    const loss = dice.chance(0.3) ? 0.1 : 0;
    const isBusy = dice.chance(0.2);
    this.#mayFlush = dice.chance(0.15);
    const codes = isBusy
      ? ["ERR_UNAVAILABLE", "ERR_OP_SUBMIT_REJECTED"]
      : ["ERR_OP_SUBMIT_REJECTED"];
    const server = new ReferenceServer([this.#edits.type], {
      refuse: () =>
        !this.#isHealed && dice.chance(refusal) ? this.#note(dice.pick(codes)) : undefined,
      losesPublish: () => !this.#isHealed && dice.chance(loss),
      keep: dice.chance(0.2) ? dice.whole(3, 12) : Infinity,
      committed: (change: Message) => {
        if (change.kind === "op") this.#committed.push(...this.#edits.marks(change.op));
        if (change.kind === "create") this.#committed.push(...Object.keys(change.data?.log ?? {}));
      },
    });
    this.#table = new Table(server);
    const isStored = dice.chance(0.5);
    this.#people = Array.from({ length: dice.whole(2, 5) }, (_, at) => {
      const storage = isStored ? new SlowStorage(this.#table.time, dice) : undefined;
      const name = `p${at}`;
      return { name, storage, guest: this.#seat(storage, name) };
    });
  }

  async run(): Promise<Run> {
    let failure: Error | undefined;
    try {
      this.#live();
      this.#heal();
      this.#judge();
      if (this.#broken !== undefined) throw this.#broken;
      // One turn of the host, in which everybody who was told hears it.
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#judgeFates();
    } catch (error) {
      failure = error as Error;
    }
    return { failure, seen: this.#seen };
  }

  #note(what: string): string {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1);
    return what;
  }

  #seat(storage: SlowStorage | undefined, name: string): Guest {
    const dice = this.#dice;
    const guest = this.#table.seat({
      seed: ++this.#seats,
      ...(storage && { storage }),
      delayMs: () => dice.tailed(8),
      silenceMs: 200,
    });
    guest.connection.on("error", ({ message }) => {
      this.#broken ??= new Error(`The connection failed: ${message}`);
    });
    this.#doc(guest).on("error", () => {
      const person = this.#people?.find((person) => person.name === name);
      // A refusal does not say of which mark, so none of this person's is judged any more.
      if (person !== undefined) this.#kept.delete(person);
    });
    return guest;
  }

  #doc(guest: Guest): Doc {
    return guest.connection.get("docs", "1");
  }

  #live(): void {
    const dice = this.#dice;
    for (const person of this.#people) {
      const doc = this.#doc(person.guest);
      if (dice.chance(0.8)) forgotten(doc.subscribe());
    }
    const steps = dice.whole(20, 80);
    for (let step = 0; step < steps; step++) {
      this.#act(dice.pick(this.#people));
      this.#table.run(dice.chance(0.5) ? 0 : dice.tailed(10));
    }
  }

  #act(person: Person): void {
    const dice = this.#dice;
    const doc = this.#doc(person.guest);
    const roll = dice.float();
    if (roll < 0.6) this.#edit(doc);
    else if (roll < 0.64) this.#delete(doc);
    else if (roll < 0.7) forgotten(doc.subscribe());
    else if (roll < 0.74) forgotten(doc.unsubscribe());
    else if (roll < 0.78) forgotten(doc.fetch());
    else if (roll < 0.8) doc.pause();
    else if (roll < 0.83) doc.resume();
    else if (roll < 0.9) this.#cut(person);
    else if (roll < 0.94) this.#leaveTable(person);
    else if (roll < 0.97) this.#crash(person);
    else if (roll < 0.985) this.#restart();
    else if (this.#mayFlush) this.#flush();
  }

  #edit(doc: Doc): void {
    const mark = `m${++this.#marks}`;
    if (doc.data === undefined) {
      if (doc.version === undefined && this.#dice.chance(0.7)) return;
      const data = this.#edits.type.name === "json"
        ? { ...this.#edits.initial as object, log: { [mark]: 1 } }
        : this.#edits.initial;
      this.#follow(mark, doc.create(data));
      this.#note("create");
      return;
    }
    const op = this.#edits.edit(doc.data, this.#dice, mark);
    this.#follow(mark, doc.submit(op, { compose: !this.#dice.chance(0.3) }));
    this.#note("edit");
  }

  #delete(doc: Doc): void {
    if (doc.data === undefined) return;
    forgotten(doc.del());
    this.#note("delete");
  }

  /** Keeps what the author of an edit is told. */
  #follow(mark: string, promise: Promise<void>): void {
    this.#fates.set(mark, "open");
    this.#told.push(promise.then(
      () => void this.#fates.set(mark, "committed"),
      ({ code }: HoldfastError) => void this.#fates.set(mark, { code: this.#note(code) }),
    ));
  }

  #cut({ guest }: Person): void {
    for (const way of [...guest.ways]) way.cut();
    this.#note("cut");
  }

  #leaveTable(person: Person): void {
    person.guest.isAway = !person.guest.isAway;
    if (person.guest.isAway) this.#cut(person);
  }

  /** The process ends between two steps; if it has a storage, another one comes in its place. */
  #crash(person: Person): void {
    this.#note("crash");
    for (const way of [...person.guest.ways]) way.cut();
    person.guest.isAway = true;
    person.guest.connection.close();
    person.storage?.crash();
    const kept = person.storage?.texts().flatMap((text) => text.match(/m\d+(?=")/g) ?? []) ?? [];
    this.#kept.set(person, new Set([...this.#kept.get(person) ?? [], ...kept]));
    person.guest = this.#seat(person.storage, person.name);
    forgotten(person.guest.connection.ready());
    if (this.#dice.chance(0.7)) forgotten(this.#doc(person.guest).subscribe());
  }

  #restart(): void {
    this.#note("restart");
    for (const person of this.#people) this.#cut(person);
  }

  #flush(): void {
    this.#note("flush");
    this.#table.server.flush();
    this.#committed.length = 0;
    for (const person of this.#people) this.#cut(person);
  }

  #heal(): void {
    this.#isHealed = true;
    for (const { guest } of this.#people) {
      guest.isAway = false;
      const doc = this.#doc(guest);
      doc.resume();
      forgotten(doc.subscribe());
    }
    this.#table.run();
    this.#table.server.beat();
    this.#table.run();
  }

  #judge(): void {
    const { live, version } = this.#table.server.doc("docs", "1");
    const expected = live && serialized(live);
    for (const { guest, name } of this.#people) {
      const doc = this.#doc(guest);
      const actual = doc.type && serialized({ type: doc.type, data: doc.data });
      deepStrictEqual({ name, data: plain(actual) }, { name, data: plain(expected) });
      deepStrictEqual({ name, version: doc.version }, { name, version });
      deepStrictEqual({ name, hasPending: doc.hasPending }, { name, hasPending: false });
    }
  }

  /** What everybody was told is true. */
  #judgeFates(): void {
    for (const [mark, fate] of this.#fates) {
      if (fate === "open") throw new Error(`Nobody was told what became of ${mark}`);
    }
    if (this.#mayFlush || this.#edits.type.name !== "json") return;
    const counts = new Map<string, number>();
    for (const mark of this.#committed) counts.set(mark, (counts.get(mark) ?? 0) + 1);
    for (const [mark, count] of counts) {
      if (count > 1) throw new Error(`${mark} was committed ${count} times`);
    }
    for (const [mark, fate] of this.#fates) {
      const isThere = counts.has(mark);
      if (fate === "committed" && !isThere) throw new Error(`${mark} was lost`);
      const isUnknown = typeof fate === "string" || UNKNOWN.includes(fate.code);
      if (!isUnknown && isThere) throw new Error(`${mark} was committed, and said to be refused`);
    }
    for (const mark of [...this.#kept.values()].flatMap((marks) => [...marks])) {
      if (!counts.has(mark)) throw new Error(`${mark} was stored, and lost`);
    }
  }
}

/** With these nothing is said of whether it was committed. */
const UNKNOWN: readonly string[] = ["ERR_CLOSED", "ERR_OUTCOME_UNKNOWN", "ERR_DOC_EPOCH"];

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** A promise whose failure is no matter here. */
function forgotten(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
