/**
 * Who is who: a leader asks a node that is to join which life its store is in, and every node answers.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { sleep } from "../waiting.ts";
import type { ChangeLimits } from "./changing_members.ts";
import { firstAttempt } from "./core/reads.ts";
import type { Identify, Identity, TransportHost, TransportLink } from "./transport/port.ts";
import { until } from "./watching.ts";

/** Between two questions. */
const ASK_AGAIN_MS = 250;

/** What a node says of itself. */
export type SelfDescription = Pick<Identity, "incarnation" | "isWitness" | "members" | "meta">;

/** The questions of one node. */
export class Introductions {
  readonly #host: Pick<TransportHost, "url" | "cluster" | "clock">;
  readonly #link: () => TransportLink | undefined;
  readonly #self: () => SelfDescription | undefined;
  readonly #answers = new Map<number, Identity>();
  readonly #waiting = new Map<number, { readonly url: string; readonly look: () => void }>();
  #questions: number;

  /** Asks and answers for a node; it answers nothing before it knows its store. */
  constructor(
    host: Pick<TransportHost, "url" | "cluster" | "clock" | "random">,
    link: () => TransportLink | undefined,
    self: () => SelfDescription | undefined,
  ) {
    this.#host = host;
    this.#link = link;
    this.#self = self;
    // At random, so that an answer to an earlier process of this node fits none of its questions.
    this.#questions = firstAttempt(host.random);
  }

  /** A question or an answer came in. */
  receive(message: Identify | Identity): void {
    if (message.kind === "identify") return this.#answer(message);
    const asked = this.#waiting.get(message.question);
    if (asked === undefined || asked.url !== message.from) return; // Too late, or somebody else.
    this.#answers.set(message.question, message);
    asked.look();
  }

  /** Asks a node until it answers. @throws {HoldfastError} `ERR_UNAVAILABLE` */
  async ask(url: string, { untilMs, signal }: ChangeLimits): Promise<Identity> {
    const { clock } = this.#host;
    const question = ++this.#questions;
    const watchable = {
      watch: (look: () => void) => {
        this.#waiting.set(question, { url, look });
        return () => void this.#waiting.delete(question);
      },
    };
    const stop = new AbortController();
    // Ends with the answer, and never fails otherwise.
    void this.#repeat(url, question, stop.signal).catch(() => {});
    try {
      return await until(watchable, () => this.#answers.get(question), {
        clock,
        timeoutMs: Math.max(0, untilMs - clock.monotonic()),
        signal,
        error: () =>
          new HoldfastError("ERR_UNAVAILABLE", "Cannot join a node as it does not answer"),
      });
    } finally {
      stop.abort();
      this.#answers.delete(question);
    }
  }

  async #repeat(to: string, question: number, signal: AbortSignal): Promise<void> {
    const { url: from, cluster, clock } = this.#host;
    while (!signal.aborted) {
      this.#link()?.send({ kind: "identify", cluster, from, to, question });
      await sleep(clock, ASK_AGAIN_MS, { signal });
    }
  }

  #answer({ from: to, question }: Identify): void {
    const self = this.#self();
    if (self === undefined) return;
    const { url: from, cluster } = this.#host;
    this.#link()?.send({ kind: "identity", cluster, from, to, question, ...self });
  }
}
