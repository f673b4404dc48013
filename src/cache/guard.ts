/**
 * A store that answers in time or fails: a time limit on every call, and a breaker for reads and leases.
 *
 * What a caller asks for explicitly, to write, remove or renew, is always tried, because its failure must be told.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { HoldfastError } from "../errors.ts";
import { withDeadline } from "../waiting.ts";
import { type BreakerState, CLOSED, failed, mayPass, passed } from "./breaker.ts";
import type { Awaitable, CacheRead, CacheStore, LeaseReply, StoreTime } from "./port.ts";

/** What a guard goes by, and whom it tells. */
export interface GuardOptions {
  readonly clock: Clock;
  /** How long a call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** For how long the store is left alone, in milliseconds; 0 for never. */
  readonly breakerMs: number;
  readonly onFailure: (action: string, error: unknown) => void;
  readonly onBreaker: (isOpen: boolean) => void;
}

type Call<Method extends Exclude<keyof CacheStore, "textMax">> = Parameters<CacheStore[Method]>;

/** A guarded store. */
export class Guard implements CacheStore {
  readonly #store: CacheStore;
  readonly #options: GuardOptions;
  #breaker: BreakerState = CLOSED;

  /** Guards a store. */
  constructor(store: CacheStore, options: GuardOptions) {
    this.#store = store;
    this.#options = options;
  }

  get textMax(): number {
    return this.#store.textMax;
  }

  time(): Awaitable<StoreTime> {
    return this.#optional("tell the time", () => this.#store.time());
  }

  // Written out rather than through #optional: the path of every hit makes no closure.
  read(...[space, keys, epochs]: Call<"read">): Awaitable<CacheRead> {
    if (this.#breaker !== CLOSED) {
      return this.#optional("read", () => this.#store.read(space, keys, epochs));
    }
    try {
      const answer = this.#store.read(space, keys, epochs);
      return answer instanceof Promise ? this.#inTime("read", answer) : answer;
    } catch (error) {
      // A store that answers at once throws instead of rejecting.
      return this.#failed("read", error);
    }
  }

  lease(...call: Call<"lease">): Awaitable<LeaseReply> {
    return this.#optional("lease", () => this.#store.lease(...call));
  }

  settle(...call: Call<"settle">): Awaitable<readonly boolean[]> {
    return this.#optional("settle", () => this.#store.settle(...call));
  }

  write(...call: Call<"write">): Awaitable<boolean> {
    return this.#tried("write", () => this.#store.write(...call));
  }

  remove(...call: Call<"remove">): Awaitable<void> {
    return this.#tried("remove", () => this.#store.remove(...call));
  }

  renew(...call: Call<"renew">): Awaitable<void> {
    return this.#tried("invalidate", () => this.#store.renew(...call));
  }

  leased(...call: Call<"leased">): Awaitable<readonly boolean[]> {
    return this.#tried("look for leases", () => this.#store.leased(...call));
  }

  /** A call that can be done without. */
  #optional<T>(action: string, work: () => Awaitable<T>): Awaitable<T> {
    const { clock, breakerMs } = this.#options;
    if (this.#breaker !== CLOSED) {
      const nowMs = clock.monotonic();
      if (!mayPass(this.#breaker, nowMs)) {
        throw new HoldfastError("ERR_UNAVAILABLE", `Cannot ${action} as the store failed lately`);
      }
      this.#breaker = passed(this.#breaker, nowMs, breakerMs);
    }
    return this.#tried(action, work);
  }

  #tried<T>(action: string, work: () => Awaitable<T>): Awaitable<T> {
    try {
      const answer = work();
      return answer instanceof Promise ? this.#inTime(action, answer) : answer;
    } catch (error) {
      // As in read().
      return this.#failed(action, error);
    }
  }

  async #inTime<T>(action: string, answer: Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options;
    const late = (): Error =>
      new HoldfastError("ERR_TIMEOUT", `Cannot ${action} as the store took over ${timeoutMs} ms`);
    try {
      const value = await withDeadline(clock, timeoutMs, answer, late);
      this.#turn(CLOSED);
      return value;
    } catch (error) {
      // Whatever the store failed with is counted, told, and passed on.
      return this.#failed(action, error);
    }
  }

  #failed(action: string, cause: unknown): never {
    const { clock, breakerMs, onFailure } = this.#options;
    onFailure(action, cause);
    this.#turn(failed(this.#breaker, clock.monotonic(), breakerMs));
    if (HoldfastError.is(cause)) throw cause;
    throw new HoldfastError("ERR_UNAVAILABLE", `Cannot ${action} as the store failed`, { cause });
  }

  #turn(next: BreakerState): void {
    const wasOpen = this.#breaker.openUntilMs !== undefined;
    this.#breaker = next;
    if (wasOpen !== (next.openUntilMs !== undefined)) this.#options.onBreaker(!wasOpen);
  }
}
