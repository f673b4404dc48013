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
import type {
  Awaitable,
  CacheRead,
  CacheSpace,
  CacheStore,
  LeaseReply,
  StoreCallOptions,
  StoreKey,
  StoreTime,
} from "./port.ts";

/** By how much less the store is told to take, at most, in milliseconds: what it says then is heard in time. */
const MARGIN_MS = 100;

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

type Call<Method extends Exclude<keyof CacheStore, "textMax" | "read">> = Parameters<
  CacheStore[Method]
>;

/** A guarded store. Its failures are rejections, also those of a store that answers at once. */
export class Guard implements CacheStore {
  readonly #store: CacheStore;
  readonly #options: GuardOptions;
  readonly #limit: StoreCallOptions;
  #breaker: BreakerState = CLOSED;

  /** Guards a store. */
  constructor(store: CacheStore, options: GuardOptions) {
    this.#store = store;
    this.#options = options;
    const { timeoutMs } = options;
    this.#limit = { limitMs: timeoutMs - Math.min(MARGIN_MS, timeoutMs / 10) };
  }

  get textMax(): number {
    return this.#store.textMax;
  }

  time(): Awaitable<StoreTime> {
    // Asked for by who has just read, or is about to write.
    return this.#tried("tell the time", () => this.#store.time(this.#limit));
  }

  // Written out rather than through #optional: the path of every hit makes no closure.
  read(
    space: CacheSpace,
    keys: readonly StoreKey[],
    epochs: readonly string[],
  ): Awaitable<CacheRead> {
    if (this.#breaker !== CLOSED) {
      return this.#optional("read", () => this.#store.read(space, keys, epochs, this.#limit));
    }
    try {
      const answer = this.#store.read(space, keys, epochs, this.#limit);
      return answer instanceof Promise ? this.#inTime("read", answer) : answer;
    } catch (error) {
      // A store that answers at once throws instead of rejecting.
      return Promise.reject(this.#failure("read", error));
    }
  }

  lease(...[space, requests, order]: Call<"lease">): Awaitable<LeaseReply> {
    return this.#optional("lease", () => this.#store.lease(space, requests, order, this.#limit));
  }

  settle(...[space, outcomes, lease]: Call<"settle">): Awaitable<readonly boolean[]> {
    return this.#optional("settle", () => this.#store.settle(space, outcomes, lease, this.#limit));
  }

  write(...[space, writes, order]: Call<"write">): Awaitable<boolean> {
    return this.#tried("write", () => this.#store.write(space, writes, order, this.#limit));
  }

  remove(...[space, keys]: Call<"remove">): Awaitable<void> {
    return this.#tried("remove", () => this.#store.remove(space, keys, this.#limit));
  }

  renew(...[space, epochs, kind]: Call<"renew">): Awaitable<void> {
    return this.#tried("invalidate", () => this.#store.renew(space, epochs, kind, this.#limit));
  }

  leased(...[space, keys]: Call<"leased">): Awaitable<readonly boolean[]> {
    return this.#tried("look for leases", () => this.#store.leased(space, keys, this.#limit));
  }

  /** A call that can be done without. */
  #optional<T>(action: string, work: () => Awaitable<T>): Awaitable<T> {
    const { clock, breakerMs } = this.#options;
    if (this.#breaker !== CLOSED) {
      const nowMs = clock.monotonic();
      if (!mayPass(this.#breaker, nowMs)) {
        const message = `Cannot ${action} as the store failed lately`;
        return Promise.reject(new HoldfastError("ERR_UNAVAILABLE", message));
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
      return Promise.reject(this.#failure(action, error));
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
      throw this.#failure(action, error);
    }
  }

  #failure(action: string, cause: unknown): unknown {
    const { clock, breakerMs, onFailure } = this.#options;
    onFailure(action, cause);
    this.#turn(failed(this.#breaker, clock.monotonic(), breakerMs));
    if (HoldfastError.is(cause)) return cause;
    return new HoldfastError("ERR_UNAVAILABLE", `Cannot ${action} as the store failed`, { cause });
  }

  #turn(next: BreakerState): void {
    const wasOpen = this.#breaker.openUntilMs !== undefined;
    this.#breaker = next;
    if (wasOpen !== (next.openUntilMs !== undefined)) this.#options.onBreaker(!wasOpen);
  }
}
