/**
 * A storage that takes its time, and of which a crash may lose what was not done.
 *
 * @module
 */

import type { PendingStorage } from "../../../src/documents/client/keeper.ts";
import type { Dice } from "../dice.ts";
import type { VirtualTime } from "../virtual_time.ts";

/** A storage in virtual time. */
export class SlowStorage implements PendingStorage {
  readonly #time: VirtualTime;
  readonly #dice: Dice;
  readonly #texts = new Map<string, string>();
  #life = 0;

  constructor(time: VirtualTime, dice: Dice) {
    this.#time = time;
    this.#dice = dice;
  }

  entries(): PromiseLike<Iterable<readonly [string, string]>> {
    return this.#later(() => [...this.#texts]);
  }

  set(name: string, text: string): PromiseLike<void> {
    return this.#later(() => void this.#texts.set(name, text));
  }

  delete(name: string): PromiseLike<void> {
    return this.#later(() => void this.#texts.delete(name));
  }

  /** What is stored now. */
  texts(): readonly string[] {
    return [...this.#texts.values()];
  }

  /** The process ended: what was not written is not, and nobody is told. */
  crash(): void {
    this.#life += 1;
  }

  /** Something that is done later, and told a moment after that: a crash may come before, between or after. */
  #later<T>(work: () => T): PromiseLike<T> {
    const life = this.#life;
    const [doneMs, toldMs] = [this.#dice.tailed(3), this.#dice.tailed(2)];
    return {
      // A thenable without promises, so that it keeps to virtual time.
      then: (told?: ((value: T) => unknown) | null): never => {
        this.#time.after(doneMs, () => {
          if (life !== this.#life) return;
          const value = work();
          this.#time.after(toldMs, () => life === this.#life && told?.(value));
        });
        return undefined as never;
      },
    };
  }
}
