/**
 * The loop around one node: load, step, save, send, apply.
 *
 * The core decides; here its readies are carried out over a store, a transport and a state machine. Inputs are taken one
 * after the other, also those to which carrying out a ready leads. Proposals and reads that arrive in one turn become one
 * input.
 *
 * @module
 */

import { HoldfastError, invariant, InvariantError } from "../errors.ts";
import { Applying } from "./applying.ts";
import type { Member } from "./core/membership.ts";
import type { Message, SessionStamp, SnapshotMeta } from "./core/message.ts";
import { RaftNode } from "./core/node.ts";
import type { Answer, Fetch, Input, Ready } from "./core/ready.ts";
import type { RaftStatus } from "./core/status.ts";
import type { LoopParts } from "./loop_parts.ts";
import { type Opened, openStore } from "./opening.ts";
import { fetchFromStore } from "./fetching.ts";
import { Pending, type ProposalOutcome, type ReadOutcomeOf } from "./pending.ts";
import { Storing } from "./storing.ts";

interface WaitingInput {
  readonly input: Input;
  readonly answer: ((answer: Answer) => void) | undefined;
}

/** A running node. */
export class RaftLoop<Reply> {
  readonly #parts: LoopParts<Reply>;
  readonly #stop = new AbortController();
  readonly #pending: Pending<Reply>;
  readonly #applying: Applying<Reply>;
  readonly #inputs: WaitingInput[] = [];
  readonly #watchers = new Set<() => void>();
  #isStepping = false;
  #isLooking = false;
  /** Both are there once the store has answered. */
  #node: RaftNode | undefined;
  #storing: Storing | undefined;

  /** Makes a loop that does nothing before {@linkcode RaftLoop.start}. */
  constructor(parts: LoopParts<Reply>) {
    this.#parts = parts;
    const { observer, machine } = parts;
    this.#pending = new Pending({
      propose: (commands, answer) => this.#step({ kind: "propose", commands }, answer),
      read: (id) => this.#step({ kind: "read", id }),
      applied: () => machine.applied,
      nowMs: () => parts.clock.monotonic(),
    });
    this.#applying = new Applying({
      ...parts,
      pauseMs: parts.applyPauseMs,
      events: {
        applied: (entry, reply) => {
          observer.applied(entry, reply);
          this.#pending.applied(entry, reply);
        },
        restored: (meta, sizeBytes) => {
          observer.restored(meta, sizeBytes);
          this.#pending.restored(meta.index);
        },
        advanced: () => {
          this.#step({ kind: "applied", index: machine.applied });
          this.#pending.advanced();
        },
        failed: observer.failed,
        broken: (error) => this.#breakBy(error),
      },
    });
  }

  /**
   * Opens the store and begins.
   *
   * @throws {HoldfastError} `ERR_STORE_REGRESSED` if the store lacks a part of what it must have. @throws {ArgumentError |
   * LimitError} `ERR_INVALID_OPTION` @throws the reason of {@linkcode RaftLoop.stop}.
   */
  async start(): Promise<void> {
    const { observer } = this.#parts;
    const { signal } = this.#stop;
    const [owner, incarnation] = [this.#parts.owner(), this.#parts.incarnation()];
    const { failed } = observer;
    const opened = await openStore({ ...this.#parts, owner, incarnation, signal, failed });
    signal.throwIfAborted();
    this.#begin(owner, opened);
  }

  /** A message came in. */
  receive(message: Message): void {
    this.#step({ kind: "message", message });
  }

  /** Messages to this node are probably lost. */
  unreachable(peer: string): void {
    this.#step({ kind: "unreachable", peer });
  }

  /** Appends a command. The outcome comes when it is applied here, or is certain not to be; it may never come. */
  propose(data: Uint8Array, session: SessionStamp | undefined): Promise<ProposalOutcome<Reply>> {
    return this.#pending.propose(data, session);
  }

  /** Reads what is linearizable. */
  read<Value>(serve: () => Value): Promise<ReadOutcomeOf<Value>> {
    return this.#pending.read(serve);
  }

  /** Makes these the members. What became of it shows in the membership. */
  changeMembership(voters: readonly Member[], learners: readonly Member[]): Answer {
    return this.#ask({ kind: "changeMembership", voters, learners });
  }

  /** Hands leadership over. What became of it shows in the leader. */
  transfer(to: string): Answer {
    return this.#ask({ kind: "transfer", to });
  }

  /**
   * Takes a snapshot of what is applied, and has the store drop the entries before the last `keep`. False if there is
   * nothing to take, or something else is under way.
   *
   * @throws {HoldfastError} `ERR_TOO_LARGE` if it has more than `bytesMax` bytes.
   */
  compact(keep: number, bytesMax: number): boolean {
    const { machine, pieceBytes } = this.#parts;
    const index = machine.applied;
    if (this.#node === undefined || this.#storing === undefined || this.isStopped) return false;
    if (this.#applying.isBusy || this.#storing.isPublishing) return false;
    if (index <= this.#node.status().base.index) return false;
    const snapshot = this.#node.describeSnapshot(index);
    const data = machine.save();
    if (data.length > bytesMax) {
      throw new HoldfastError(
        "ERR_TOO_LARGE",
        `Cannot take a snapshot as it must have at most ${bytesMax} bytes: current value is ${data.length}`,
      );
    }
    this.#step({ kind: "unstaged" });
    this.#storing.publish(snapshot, data, { keepAfter: Math.max(0, index - keep), pieceBytes });
    return true;
  }

  /** Where the state machine is. */
  describe(): SnapshotMeta {
    invariant(this.#node !== undefined, "Cannot describe what is not loaded");
    return this.#node.describeSnapshot(this.#parts.machine.applied);
  }

  /** `undefined` until the store has answered. */
  status(): RaftStatus | undefined {
    return this.#node?.status();
  }

  /** How many writes wait for the store. */
  get storeQueue(): number {
    return this.#storing?.waitingCount ?? 0;
  }

  /** Whether nothing is to be stored or applied. */
  get isIdle(): boolean {
    return (this.#storing?.isIdle ?? true) && !this.#applying.isBusy;
  }

  /** Whether it does nothing any more. */
  get isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Calls back after every input, until what it returns is called. */
  watch(look: () => void): () => void {
    this.#watchers.add(look);
    return () => {
      this.#watchers.delete(look);
    };
  }

  /** Resolves when everything that was to be stored is. */
  async drained(): Promise<void> {
    await this.#storing?.drained();
  }

  /** Ends everything at once. What waits ends as unknown. */
  stop(reason?: unknown): void {
    if (this.isStopped) return;
    this.#stop.abort(reason);
    this.#storing?.stop();
    this.#applying.stop();
    this.#pending.end();
    this.#look();
  }

  #begin(owner: string, { loaded, epoch, incarnation }: Opened): void {
    const { observer } = this.#parts;
    this.#storing = new Storing({
      ...this.#parts,
      owner,
      epoch,
      events: {
        stored: (sequence) => {
          observer.stored(sequence);
          this.#step({ kind: "stored", sequence });
        },
        published: (snapshot, base) => {
          this.#step({ kind: "compacted", snapshot, base });
          observer.published(snapshot);
        },
        lost: (reason) => this.#step({ kind: "storeLost", reason }),
        refused: (rule) =>
          this.#break(new InvariantError(`Cannot go on as the store says: ${rule}`)),
        failed: observer.failed,
      },
    });
    this.#node = new RaftNode(this.#parts.configOf(incarnation), loaded);
    observer.started(loaded, this.#node);
    this.#tick();
  }

  #tick(): void {
    const { clock, tickMs } = this.#parts;
    const { signal } = this.#stop;
    if (signal.aborted) return;
    this.#step({ kind: "tick", nowMs: clock.monotonic(), timeMs: Math.floor(clock.now()) });
    const cancel = clock.after(tickMs, () => {
      signal.removeEventListener("abort", cancel);
      this.#tick();
    });
    signal.addEventListener("abort", cancel, { once: true });
  }

  #ask(input: Input): Answer {
    let given: Answer = { kind: "refused", reason: "stopped", leader: undefined };
    this.#step(input, (answer) => given = answer);
    return given;
  }

  #step(input: Input, answer?: (answer: Answer) => void): boolean {
    const node = this.#node;
    if (node === undefined || this.isStopped) return false;
    this.#inputs.push({ input, answer });
    if (this.#isStepping) return true;
    this.#isStepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        const ready = node.step(next.input);
        this.#parts.observer.stepped(next.input, ready);
        if (ready.answer !== undefined) next.answer?.(ready.answer);
        this.#carryOut(ready);
      }
    } catch (error) {
      // A defect, of the core or of who observes it; the state may be half changed.
      this.#inputs.length = 0;
      this.#breakBy(error);
    }
    this.#isStepping = false;
    this.#look();
    return true;
  }

  #carryOut(ready: Ready): void {
    this.#storing?.write(ready.writes);
    for (const message of ready.messages) this.#parts.send(message);
    this.#storing?.sendOnceStored(ready.storedThrough, ready.messagesAfterStored);
    this.#applying.push(ready.restore, ready.committed);
    for (const outcome of ready.reads) this.#pending.resolve(outcome);
    for (const fetch of ready.fetches) this.#fetch(fetch);
    if (ready.events.some(({ kind }) => kind === "stopped")) this.stop();
  }

  /** Reads what the core asked for; it ends by itself, and never fails. */
  #fetch(fetch: Fetch): void {
    const { failed } = this.#parts.observer;
    const parts = { ...this.#parts, signal: this.#stop.signal, failed };
    void fetchFromStore(parts, fetch).then((input) => {
      if (input !== undefined) this.#step(input);
    });
  }

  #breakBy(error: unknown): void {
    const isKnown = error instanceof InvariantError;
    const failed = "Cannot go on as a step failed";
    this.#break(isKnown ? error : new InvariantError(failed, { cause: error }));
  }

  #break(error: InvariantError): void {
    this.#parts.observer.broken(error);
    this.stop(error);
  }

  /** A look may itself lead to a step; what that changed is seen at the next one. */
  #look(): void {
    if (this.#isLooking || this.#watchers.size === 0) return;
    this.#isLooking = true;
    for (const look of [...this.#watchers]) look();
    this.#isLooking = false;
  }
}
