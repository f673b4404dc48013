/**
 * What happens in a loop, as events and figures.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Emitter } from "../events.ts";
import { type Json, parseJson } from "../json.ts";
import { type CompactionBounds, CompactionMeter } from "./compaction.ts";
import { allMembers, type Membership } from "./core/membership.ts";
import type { LoadedState } from "./core/loaded.ts";
import type { Entry, Message, SnapshotMeta } from "./core/message.ts";
import type { Input, RaftEvent, Ready } from "./core/ready.ts";
import type { RaftStatus } from "./core/status.ts";
import type { NodeCounts } from "./node_face.ts";
import type { NodeEvents } from "./node_events.ts";

/** Counts and tells what one node does. */
export class Observing {
  readonly counts: NodeCounts = {
    proposals: 0,
    reads: 0,
    applied: 0,
    persisted: 0,
    storeFailures: 0,
    campaigns: 0,
    leaders: 0,
    snapshots: 0,
    restores: 0,
  };
  readonly meter: CompactionMeter;
  snapshotIndex = 0;
  snapshotAtMs: number | undefined;
  /** What the store failed with last. */
  failure: unknown;
  readonly #events: Emitter<NodeEvents>;
  readonly #clock: Clock;
  readonly #lastIndex: () => number;
  /** The members by name, with what is told of them, as of the last event. */
  #members = new Map<string, string>();
  #leader: string | undefined;
  #wasIdle = true;

  /** Tells the listeners of these events. */
  constructor(
    events: Emitter<NodeEvents>,
    clock: Clock,
    bounds: CompactionBounds,
    lastIndex: () => number,
  ) {
    this.#events = events;
    this.#clock = clock;
    this.#lastIndex = lastIndex;
    this.meter = new CompactionMeter(bounds);
  }

  /** The store was read. */
  loaded({ membership, term, last }: RaftStatus, { snapshot }: LoadedState): void {
    this.#members = membersOf(membership);
    this.snapshotIndex = snapshot?.index ?? 0;
    const { snapshotIndex } = this;
    this.#events.emit("loaded", { lastIndex: last.index, snapshotIndex, term });
  }

  /** The node took an input. */
  stepped(input: Input, { events }: Ready): void {
    if (input.kind === "message") this.#heard(input.message);
    for (const event of events) this.#tell(event);
  }

  /** The state machine has taken an entry. */
  applied(entry: Entry): void {
    this.counts.applied += 1;
    this.#wasIdle = false;
    this.meter.applied(bytesOf(entry), this.#clock.monotonic());
    if (!this.#events.wants("applied")) return;
    const { index, term, kind } = entry;
    this.#events.emit("applied", { index, term, kind });
  }

  /** Writes are durable. */
  stored(): void {
    this.counts.persisted += 1;
    if (this.#events.wants("persisted")) {
      this.#events.emit("persisted", { lastIndex: this.#lastIndex() });
    }
  }

  /** The state machine has been replaced. */
  restored({ index }: SnapshotMeta, sizeBytes: number): void {
    this.counts.restores += 1;
    this.#covered(index);
    this.#events.emit("restored", { index, sizeBytes });
  }

  /** A snapshot of the own state is published. */
  published({ index }: SnapshotMeta): void {
    this.counts.snapshots += 1;
    this.#covered(index);
    this.#events.emit("snapshot", { index });
  }

  /** The store did not answer. */
  failed(error: unknown, attempt: number): void {
    this.counts.storeFailures += 1;
    this.failure = error;
    this.#events.emit("warning", { error, attempt });
  }

  /** Tells once when nothing is left to do. */
  idle(isIdle: boolean, applied: number): void {
    if (isIdle && !this.#wasIdle && this.#events.wants("idle")) {
      this.#events.emit("idle", { applied });
    }
    this.#wasIdle = isIdle;
  }

  /** Whether it is time for a snapshot. */
  isSnapshotDue(): boolean {
    return this.meter.isDue(this.#clock.monotonic());
  }

  /** What is told of a member, or undefined. */
  metaOf(url: string): string | undefined {
    return this.#members.get(url);
  }

  #covered(index: number): void {
    this.snapshotIndex = index;
    this.snapshotAtMs = this.#clock.monotonic();
    this.meter.reset();
  }

  #heard(message: Message): void {
    const events = this.#events;
    if (message.kind === "vote" && message.isGranted && events.wants("voteGranted")) {
      events.emit("voteGranted", { voter: message.from, term: message.term });
    }
    const isLeaders = message.kind === "heartbeat" || message.kind === "appendEntries";
    if (isLeaders && message.from === this.#leader && events.wants("electionTimeoutReset")) {
      events.emit("electionTimeoutReset", { leader: message.from });
    }
  }

  #tell(event: RaftEvent): void {
    const events = this.#events;
    switch (event.kind) {
      case "role":
        if (event.role === "preCandidate" || event.role === "candidate") {
          this.counts.campaigns += 1;
          events.emit("electionTimeout", { term: event.term });
        }
        return events.emit("role", event);
      case "leader":
        this.#leader = event.leader;
        if (event.leader !== undefined) this.counts.leaders += 1;
        return events.emit("leader", event);
      case "membership":
        events.emit("membership", event);
        return this.#compare(event.membership);
      case "caughtUp":
        return events.emit("caughtUp", { url: event.id });
      case "transferEnded":
        return events.emit("transferEnded", event);
      case "stopped":
        return; // Told by the node, which knows of other reasons too.
    }
  }

  #compare(membership: Membership): void {
    const now = membersOf(membership);
    const before = this.#members;
    this.#members = now;
    for (const [url, meta] of now) {
      if (!before.has(url)) this.#events.emit("joined", { url, meta: metaJson(meta) });
    }
    for (const url of before.keys()) if (!now.has(url)) this.#events.emit("left", { url });
  }
}

/** What is told of a member, read. */
export function metaJson(meta: string): Json {
  return parseJson(meta, "what is told of a member");
}

function membersOf(membership: Membership): Map<string, string> {
  return new Map(allMembers(membership).map(({ id, meta }) => [id, meta ?? "null"]));
}

function bytesOf(entry: Entry): number {
  return entry.kind === "command" ? entry.data.length : 0;
}
