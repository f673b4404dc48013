/**
 * A world of clients, one server and everything that can go wrong between them, driven by a seed: requests and answers
 * that are lost, doubled, delayed or overtake each other, connections that break, clients that crash between any two
 * steps and come back with what their storage kept, a server that forgets sources and trims its journal.
 *
 * @module
 */

import { strictEqual } from "node:assert/strict";
import {
  entriesOf,
  entriesText,
  type QueueEntry,
  type SyncRecord,
} from "../../../../src/sync/client/queue_entry.ts";
import type { Answer, NewWrite, Outcome } from "../../../../src/sync/client/queue.ts";
import { Replica, type ReplicaEvent } from "../../../../src/sync/client/replica.ts";
import type { Random } from "../../../../src/random.ts";
import { drawnWrite, MODELS, type Policy } from "./drawn_write.ts";
import { Mail } from "./mail.ts";
import { type Place, SimulatedServer } from "./simulated_server.ts";

const POLICIES: readonly Policy[] = ["reject", "lastWrite", "resolve"];

/** One client, through all of its lives. */
interface Client {
  readonly name: string;
  readonly policy: Policy;
  /** Whether answers come by the connection of the events, in their order. */
  readonly isSocket: boolean;
  life: number;
  connection: number;
  isOnline: boolean;
  stored: string;
  replica: Replica;
}

/** The world. */
export class World {
  readonly server: SimulatedServer;
  readonly clients: readonly Client[];
  /** The last thing that was said of each entry. */
  readonly outcomes: Map<string, Outcome["kind"]> = new Map();
  /** How often each outcome was told, to see that a run is worth its time. */
  readonly counts: Record<Outcome["kind"], number> = {
    done: 0,
    dropped: 0,
    refused: 0,
    orphaned: 0,
    unknown: 0,
  };
  /** Entries that a storage kept at some time. */
  readonly kept: Set<string> = new Set();
  readonly #random: Random;
  readonly #mail: Mail;
  #isCalm = false;
  #marks = 0;

  constructor(random: Random) {
    this.#random = random;
    this.server = new SimulatedServer(random);
    this.#mail = new Mail(random);
    this.clients = POLICIES.map((policy, at) => ({
      name: `c${at}`,
      policy,
      isSocket: random.float() < 0.5,
      life: 0,
      connection: 0,
      isOnline: false,
      stored: "",
      replica: replicaOf(`c${at}-0`),
    }));
  }

  /** One thing happens somewhere. */
  turn(): void {
    const client = this.#pick(this.clients);
    const dice = this.#random.float();
    if (dice < 0.3) this.#write(client);
    else if (dice < 0.36) this.#toggle(client);
    else if (dice < 0.39) this.#crash(client);
    else if (dice < 0.4) this.server.trim();
    else this.#mail.deliver();
    this.#checkViews();
  }

  /** Ends all trouble, and lets everything arrive. */
  calm(): void {
    this.#isCalm = true;
    for (const client of this.clients) {
      if (client.isOnline) this.#toggle(client);
      this.#toggle(client);
    }
    for (let turns = 0; this.#mail.deliver(); turns++) {
      if (turns > 200_000) throw new Error("The world does not come to rest");
    }
    this.#checkViews();
  }

  /** What a client sees of a model, by id. */
  seen({ replica }: Client, model: string): Map<unknown, SyncRecord> {
    return new Map(replica.all(model).map((record) => [record.id, record]));
  }

  #write(client: Client): void {
    const write = drawnWrite(client.replica, client.policy, `m${++this.#marks}`, this.#random);
    const { life } = client;
    this.#step(client, { kind: "write", write });
    if (client.life === life) this.#checkWritten(client, write);
  }

  /** What was written is seen at once. */
  #checkWritten(client: Client, { model, verb, data, id }: NewWrite): void {
    const found = client.replica.all(model)
      .filter((record) => verb === "delete" ? record.id === id : record.mark === data.mark);
    strictEqual(found.length, verb === "delete" ? 0 : 1, `${client.name} sees what it wrote`);
  }

  #toggle(client: Client): void {
    client.isOnline = !client.isOnline;
    client.connection++;
    if (!client.isOnline) return this.#step(client, { kind: "offline" });
    for (const model of MODELS) this.#subscribe(client, model);
    this.#step(client, { kind: "online" });
  }

  #crash(client: Client): void {
    client.life++;
    client.connection++;
    client.isOnline = false;
    client.replica = replicaOf(`${client.name}-${client.life}`);
    client.replica.step({ kind: "restored", entries: entriesOf(client.stored) });
  }

  #subscribe(client: Client, model: string): void {
    const cursor = client.replica.collection(model).cursor;
    const after = cursor === undefined ? undefined : Number(cursor);
    this.#toServer(client, () => {
      const { seq, isReset, missed } = this.server.subscribe(model, after);
      const feed = (place: Place) => this.#feed(client, model, place);
      this.#toClient(client, true, {
        kind: "feed",
        model,
        event: { kind: "subscribed", seq, cursor: String(seq), isReset },
      }, () => isReset && this.#read(client, model));
      missed.forEach(feed);
      const { life, connection } = client;
      this.server.listen(model, (place) => {
        if (client.life === life && client.connection === connection) feed(place);
      });
    });
  }

  #feed(client: Client, model: string, { seq, id, record }: Place): void {
    const event = { kind: "event", id, record, seq, cursor: String(seq) } as const;
    this.#toClient(client, true, { kind: "feed", model, event });
  }

  #read(client: Client, model: string, from = 0): void {
    this.#toServer(client, () => {
      const { records, next } = this.server.page(model, from);
      const event = { kind: "page", records, isLast: next === undefined } as const;
      this.#toClient(client, client.isSocket, { kind: "feed", model, event }, () => {
        if (next !== undefined) this.#read(client, model, next);
      });
    });
  }

  #send(client: Client, entry: QueueEntry): void {
    const copies = this.#isCalm || this.#random.float() < 0.8 ? 1 : 2;
    const { tx = "" } = entry;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#isLost()) continue;
      const isSocket = client.isSocket;
      // A request that has left may arrive after the end of its client.
      this.#mail.post({
        isAlive: () => true,
        line: isSocket ? `${client.name}-${client.connection}-up` : undefined,
        arrive: () => {
          const answer = this.server.write(entry, !this.#isCalm && this.#random.float() < 0.1);
          this.#toClient(client, isSocket, {
            kind: "answer",
            tx,
            answer: this.#judged(client, entry, answer),
          });
        },
      });
    }
    // A request whose answer does not come in time counts as failed.
    this.#toClient(client, false, {
      kind: "answer",
      tx,
      answer: { kind: "failed", afterMs: undefined },
    });
  }

  /** What the client's policy makes of a conflict. */
  #judged({ policy }: Client, entry: QueueEntry, answer: Answer): Answer {
    if (answer.kind !== "conflict" || policy !== "resolve") return answer;
    const { id: _id, $version: _version, ...theirs } = answer.current ?? { id: 0 };
    return { ...answer, resolution: { ...theirs, ...entry.data } };
  }

  #toServer({ name, connection }: Client, arrive: () => void): void {
    const client = this.#client(name);
    this.#mail.post({
      isAlive: () => client.connection === connection,
      line: `${name}-${connection}-up`,
      arrive,
    });
  }

  #toClient(client: Client, isInOrder: boolean, event: ReplicaEvent, then?: () => void): void {
    const { life, connection, name } = client;
    const isLossy = event.kind === "answer" && !isInOrder;
    if (isLossy && event.answer.kind !== "failed" && this.#isLost()) return;
    this.#mail.post({
      // Late answers to a former connection still reach the same life by the other road.
      isAlive: () => client.life === life && (isLossy || client.connection === connection),
      line: isInOrder ? `${name}-${connection}-down` : undefined,
      arrive: () => {
        this.#step(client, event);
        then?.();
      },
    });
  }

  #step(client: Client, event: ReplicaEvent): void {
    const { life } = client;
    const effects = client.replica.step(event);
    for (const effect of effects) {
      if (effect.kind !== "settle") continue;
      const { entry, outcome } = effect;
      this.outcomes.set(entry.key, outcome.kind);
      this.counts[outcome.kind]++;
      if (outcome.kind === "done" && entry.verb === "upsert") {
        strictEqual(outcome.record?.mark, entry.data.mark, "the record has what was written");
      }
    }
    for (const effect of effects) {
      if (!this.#isCalm && this.#random.float() < 0.01) this.#crash(client);
      if (client.life !== life) return;
      switch (effect.kind) {
        case "save":
          client.stored = entriesText(client.replica.entries);
          for (const { key } of client.replica.entries) this.kept.add(key);
          break;
        case "send":
          this.#send(client, effect.entry);
          break;
        case "wait":
          this.#toClient(client, false, { kind: "retry", model: effect.model });
          break;
        case "resubscribe":
          this.#subscribe(client, effect.model);
          break;
        default:
      }
    }
  }

  /** No client ever sees one record twice, under two ids. */
  #checkViews(): void {
    for (const client of this.clients) {
      for (const model of MODELS) {
        const marks = client.replica.all(model).map(({ mark }) => mark);
        strictEqual(new Set(marks).size, marks.length, `${client.name} sees a ${model} twice`);
      }
    }
  }

  #isLost(): boolean {
    return !this.#isCalm && this.#random.float() < 0.15;
  }

  #client(name: string): Client {
    const client = this.clients.find((one) => one.name === name);
    if (client === undefined) throw new Error(`There is no client ${name}`);
    return client;
  }

  #pick<const Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random.float() * items.length)] as Item;
  }
}

function replicaOf(client: string): Replica {
  const replica = new Replica();
  replica.step({ kind: "named", client });
  return replica;
}
