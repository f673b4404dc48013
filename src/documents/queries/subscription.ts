/**
 * One subscription to a query, on one connection: its reply, and every change of the result after it, in order.
 *
 * Where rules judge what is read, or a projection cannot show everything, each document that comes in is judged first,
 * and the changes wait their turn; a document that is not for who asks is left out, and its place with it. Without such rules everybody gets the same text.
 *
 * @module
 */

import type { CodedError } from "../../errors.ts";
import { type ListStep, listSteps } from "../../queries/mod.ts";
import type { DocumentPosition, PartialPosition } from "../change.ts";
import type { Snapshot } from "../core.ts";
import type { DocumentSession } from "../middleware.ts";
import type { QueryResult, QueryStep } from "../protocol/replies.ts";
import type { QueryRequest } from "../protocol/requests.ts";
import { numbered } from "../protocol/read_replies.ts";
import { keep, type Kept, letGo, resume, settle } from "../protocol/results.ts";
import { wireError } from "../protocol/wire.ts";
import type { Caller } from "../protocol/caller.ts";
import type { Rules } from "../rules.ts";
import { type Audience, type LiveQuery, type ResultChange, stepped } from "./live_query.ts";
import type { View } from "./view.ts";

/** What a subscription is made of. */
export interface SubscriptionParts {
  /** Its number on the connection. */
  readonly id: number;
  readonly caller: Caller;
  readonly session: DocumentSession;
  readonly rules: Rules;
  /** The collection as it was asked. */
  readonly view: View;
  /** Hears what is committed to documents in the result. */
  readonly ear: Audience["ear"];
  /** It ended by itself. */
  readonly onEnd: (id: number, subscription: QuerySubscription) => void;
}

/** A change that waits for its turn. */
interface Turn {
  readonly steps: readonly ListStep[];
  readonly inserted: readonly Snapshot[];
  readonly removed: readonly string[];
  readonly extra: number | undefined;
  readonly kept: readonly Kept[];
}

/** One subscription to a query. */
export class QuerySubscription implements Audience {
  readonly ear: Audience["ear"];
  readonly #parts: SubscriptionParts;
  readonly #isJudged: boolean;
  readonly #turns: Turn[] = [];
  /** What of the result the client was told not, and all of it: known only where rules judge. */
  #hidden: Set<string> | undefined;
  #all: string[] = [];
  #live: LiveQuery | undefined;
  #kept: readonly Kept[] = [];
  #snapshots: readonly Snapshot[] = [];
  #extra: number | undefined;
  #isBusy = true;
  #isOver = false;

  /** A subscription that was not answered yet. */
  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    this.ear = parts.ear;
    this.#isJudged = parts.rules.judgesReading || parts.view.isProjection;
  }

  /** The query that it is to. */
  get live(): LiveQuery | undefined {
    return this.#live;
  }

  opened(live: LiveQuery, snapshots: readonly Snapshot[]): void {
    this.#live = live;
    this.#all = [...live.shown];
    this.#snapshots = snapshots;
    this.#extra = live.extra;
    this.#kept = this.#keep(this.#all);
  }

  /** Answers the request with the result as it was when it was opened. */
  async begin(request: QueryRequest): Promise<void> {
    const extra = this.#extra;
    const allowed = await this.#allowed(this.#snapshots);
    this.#snapshots = [];
    if (this.#isOver) return;
    this.#hide(this.#all, allowed);
    const { caller } = this.#parts;
    const reply = { a: request.a, id: request.id, ...numbered(request) };
    const told = extra === undefined ? {} : { extra };
    if (request.r === undefined) {
      caller.tell({ ...reply, data: allowed.map((one) => this.#onWire(one)), ...told });
      this.#settle(this.#kept, allowed);
    } else await this.#resumed(request.r, allowed, reply, told);
    this.#kept = [];
    await this.#go();
  }

  changed({ steps, inserted, removed, extra, afterwards }: ResultChange): void {
    const kept = this.#keep(inserted.keys());
    const turn = { steps, inserted: [...inserted.values()], removed, extra, kept };
    if (this.#isBusy || (this.#isJudged && inserted.size > 0)) {
      this.#turns.push(turn);
      if (!this.#isBusy) void this.#go();
      return;
    }
    const gone = this.#take(turn, turn.inserted);
    if (gone.length > 0) afterwards.push(() => this.#letGo(gone));
  }

  failed(error: CodedError): void {
    const { caller, id, onEnd } = this.#parts;
    caller.tell({ a: "q", id, error: wireError(error) });
    this.end();
    onEnd(id, this);
  }

  /** Nothing more is told. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const waiting = this.#turns.flatMap(({ removed, inserted }) => [
      ...removed,
      ...inserted.map(({ id }) => id),
    ]);
    const gone = new Set(this.#live?.shown.filter((id) => !this.#hidden?.has(id)));
    this.#letGo([...gone, ...waiting.filter((id) => !gone.has(id))]);
  }

  /** Tells the client that has a result what is different now. */
  async #resumed(
    had: NonNullable<QueryRequest["r"]>,
    allowed: readonly Snapshot[],
    reply: { readonly a: "qf" | "qs"; readonly id: number },
    told: { readonly extra?: number },
  ): Promise<void> {
    const { caller, view } = this.#parts;
    const positions = new Map<string, PartialPosition>();
    for (const [id, version, epoch, tag] of had) {
      if (version !== null && version !== undefined) positions.set(id, { version, epoch, tag });
    }
    const byId = new Map(allowed.map((snapshot) => [snapshot.id, snapshot]));
    const ids = [...new Set(had.map(([id]) => id))];
    const lacking = ids.flatMap((id) => positions.has(id) ? [] : byId.get(id) ?? []);
    const data = Object.fromEntries(lacking.map((one) => [one.id, view.onWire(one)]));
    const isKnown = ({ line: { id } }: Kept): boolean => positions.has(id);
    const known = this.#kept.filter(isKnown);
    await new Promise<void>((told) =>
      caller.act((ground) => resume(ground, view.name, known, positions, told))
    );
    if (this.#isOver) return;
    caller.tell({ ...reply, ...(lacking.length > 0 ? { data } : {}), ...told });
    this.#tell(this.#steps(listSteps(ids, allowed.map(({ id }) => id)), byId), told.extra);
    this.#settle(this.#kept.filter((kept) => !isKnown(kept)), allowed);
  }

  /** Makes the changes that wait, one after the other. */
  async #go(): Promise<void> {
    this.#isBusy = true;
    for (let turn = this.#turns.shift(); turn !== undefined; turn = this.#turns.shift()) {
      const allowed = await this.#judged(turn.inserted);
      if (this.#isOver) return;
      this.#letGo(this.#take(turn, allowed));
    }
    this.#isBusy = false;
  }

  /** Tells one change; gives what left the client's result. */
  #take(
    { steps, inserted, removed, extra, kept }: Turn,
    allowed: readonly Snapshot[],
  ): readonly string[] {
    const shown = new Map(allowed.map((snapshot) => [snapshot.id, snapshot]));
    if (!this.#isJudged) {
      this.#tell(this.#steps(steps, shown), extra);
      this.#settle(kept, allowed);
      return removed;
    }
    const before = this.#visible();
    for (const step of steps) stepped(this.#all, step);
    this.#hide(inserted.map(({ id }) => id), allowed);
    const gone = removed.filter((id) => !this.#hidden?.delete(id));
    this.#tell(this.#steps(listSteps(before, this.#visible()), shown), extra);
    this.#settle(kept, allowed);
    return gone;
  }

  /** Those that may be shown; where a rule refuses one aloud the client is told, and goes on without all of them. */
  async #judged(inserted: readonly Snapshot[]): Promise<readonly Snapshot[]> {
    try {
      return await this.#allowed(inserted);
    } catch (error) {
      // What a rule says, or a projection of a document that it cannot show.
      const { caller, id } = this.#parts;
      if (!this.#isOver) caller.tell({ a: "q", id, error: wireError(error) });
      return [];
    }
  }

  async #allowed(snapshots: readonly Snapshot[]): Promise<readonly Snapshot[]> {
    const { rules, session, view } = this.#parts;
    const shown = view.shown(snapshots);
    return rules.judgesReading ? await rules.results(session, view.name, shown) : shown;
  }

  /** Those that are not allowed are not in the client's result. */
  #hide(ids: readonly string[], allowed: readonly Snapshot[]): void {
    if (!this.#isJudged) {
      this.#all = [];
      return;
    }
    const shown = new Set(allowed.map(({ id }) => id));
    const hidden = ids.filter((id) => !shown.has(id));
    for (const id of hidden) (this.#hidden ??= new Set()).add(id);
    this.#letGo(hidden);
  }

  #visible(): readonly string[] {
    return this.#all.filter((id) => !this.#hidden?.has(id));
  }

  #steps(
    steps: readonly ListStep[],
    snapshots: ReadonlyMap<string, Snapshot>,
  ): readonly QueryStep[] {
    return steps.map((step): QueryStep => {
      const { kind: type, ...rest } = step;
      if (type !== "insert") return { type, ...rest } as QueryStep;
      const values = step.ids.flatMap((id) => {
        const snapshot = snapshots.get(id);
        return snapshot === undefined ? [] : [this.#onWire(snapshot)];
      });
      return { type, index: step.index, values };
    });
  }

  #onWire(snapshot: Snapshot): QueryResult {
    return { d: snapshot.id, ...this.#parts.view.onWire(snapshot) };
  }

  #tell(diff: readonly QueryStep[], extra: number | undefined): void {
    const { caller, id } = this.#parts;
    if (diff.length > 0) caller.tell({ a: "q", id, diff });
    if (extra !== undefined) caller.tell({ a: "q", id, extra });
  }

  #keep(ids: Iterable<string>): readonly Kept[] {
    const { caller, view } = this.#parts;
    let kept: readonly Kept[] = [];
    caller.act((ground) => kept = keep(ground, view.name, [...ids]));
    return kept;
  }

  #settle(kept: readonly Kept[], snapshots: readonly Snapshot[]): void {
    const positions = new Map<string, DocumentPosition>(snapshots.map((one) => [one.id, one]));
    this.#parts.caller.act((ground) => settle(ground, kept, positions));
  }

  #letGo(ids: readonly string[]): void {
    const { caller, view } = this.#parts;
    if (ids.length > 0) caller.act((ground) => letGo(ground, view.name, ids));
  }
}
