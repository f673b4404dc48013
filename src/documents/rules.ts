/**
 * The rules of a server's owner, asked and run: before and after what the core does.
 *
 * @module
 */

import { type CodedError, HoldfastError } from "../errors.ts";
import type { Json } from "../json.ts";
import { findType, type OtType } from "../ot/mod.ts";
import { type OnError, run, runAll, told } from "./asked.ts";
import type {
  ApplyLap,
  CommitLap,
  ReadResult,
  ReadWant,
  Snapshot,
  SubmitHooks,
  SubmitResult,
} from "./core.ts";
import type {
  AccessRequest,
  Authorize,
  DocumentHooks,
  DocumentSession,
  QueryContext,
  ReadContext,
  SubmitContext,
} from "./middleware.ts";
import { readDocument, retold } from "./read_document.ts";
import { checkRules, noAnswer, otherLife, readsRejected, refusalOf } from "./refusal.ts";

/** Rules as options give them. */
export interface RulesOptions {
  /** Says who may do what; by default everybody may do everything. */
  readonly authorize?: Authorize | undefined;
  /** The same for single collections; both must allow. */
  readonly collections?: Readonly<Record<string, { readonly authorize?: Authorize | undefined }>>;
  /** Functions on the way. */
  readonly use?: DocumentHooks | undefined;
  /** Hears of what these threw without a code. */
  readonly onError?: OnError;
}

/** Rules, ready to be asked. Whatever they throw comes out as an error with a code. */
export class Rules {
  readonly #authorize: Authorize | undefined;
  readonly #collections: ReadonlyMap<string, Authorize>;
  readonly #use: DocumentHooks;
  readonly #types: readonly OtType[];
  readonly #onError: OnError;

  /** Rules for documents of these types. */
  constructor(
    { authorize, collections = {}, use = {}, onError }: RulesOptions,
    types: readonly OtType[],
  ) {
    checkRules(authorize, use, onError);
    this.#authorize = authorize;
    this.#collections = new Map(
      Object.entries(collections).flatMap(([name, { authorize }]) => {
        checkRules(authorize, {});
        return authorize === undefined ? [] : [[name, authorize] as const];
      }),
    );
    this.#use = use;
    this.#types = types;
    this.#onError = onError;
  }

  /** Whether anything is said about who may do what. */
  get judgesPresence(): boolean {
    return this.#authorize !== undefined || this.#collections.size > 0;
  }

  /** Whether anything is said about what is read. */
  get judgesReading(): boolean {
    return this.judgesPresence || this.#use.read !== undefined;
  }

  /** A connection says who it is. */
  async connect(session: DocumentSession): Promise<void> {
    await run(this.#use.connect, session, this.#onError);
  }

  /**
   * Refuses what is not allowed.
   *
   * @throws {HoldfastError} `ERR_FORBIDDEN`.
   */
  async admit(request: AccessRequest): Promise<void> {
    for (const rule of [this.#authorize, this.#collections.get(request.collection)]) {
      if (rule === undefined || await told(() => rule(request), this.#onError) === true) continue;
      throw new HoldfastError(
        "ERR_FORBIDDEN",
        `Cannot ${request.action} as a rule of the server must allow it`,
      );
    }
  }

  /** Reads what is allowed to be read, by `read`; what is refused is so in its place. */
  async read(
    session: DocumentSession,
    collection: string,
    wants: readonly ReadWant[],
    read: (wants: readonly ReadWant[]) => Promise<readonly ReadResult[]>,
  ): Promise<readonly ReadResult[]> {
    const refused = await Promise.all(
      wants.map(({ id }) => this.#refusal({ action: "read", session, collection, id })),
    );
    const allowed = wants.filter((_, index) => refused[index] === undefined);
    const found = allowed.length === 0 ? [] : await read(allowed);
    const told = await this.#told(session, collection, allowed, found);
    let next = 0;
    return refused.map((error): ReadResult => {
      const result = error === undefined ? told[next++] : undefined;
      return result ?? { kind: "refused", error: error ?? noAnswer() };
    });
  }

  /**
   * Documents of a result, as the rules of reading leave them: without those that are not for who asks.
   *
   * @throws {HoldfastError} `ERR_SNAPSHOT_READS_REJECTED` if a function of `read` refuses one, and not silently.
   */
  async results(
    session: DocumentSession,
    collection: string,
    snapshots: readonly Snapshot[],
  ): Promise<readonly Snapshot[]> {
    const refused = await Promise.all(
      snapshots.map(({ id }) => this.#refusal({ action: "read", session, collection, id })),
    );
    const allowed = snapshots.filter((_, index) => refused[index] === undefined);
    if (this.#use.read === undefined || allowed.length === 0) return allowed;
    const documents = allowed.map(({ id, version, type, data }) => ({ id, version, type, data }));
    const rejected = await this.tell({ session, collection, kind: "snapshots", documents });
    for (const { code } of rejected.values()) {
      if (code !== "ERR_SNAPSHOT_READ_SILENT_REJECTION") throw readsRejected();
    }
    return allowed.flatMap((snapshot, index) => {
      if (rejected.has(snapshot.id)) return [];
      const data = documents[index]?.data;
      return data === snapshot.data ? [snapshot] : [{ ...snapshot, data }];
    });
  }

  /** Lets the rules of reading see what is about to be told; gives it as they leave it. */
  async tell(
    context: Omit<ReadContext, "reject" | "rejectSilently">,
  ): Promise<ReadonlyMap<string, CodedError>> {
    const rejected = new Map<string, CodedError>();
    await run(this.#use.read, {
      ...context,
      reject: (id, error) => rejected.set(id, refusalOf(error)),
      rejectSilently: (id, message = "The document is not told") => {
        rejected.set(id, new HoldfastError("ERR_SNAPSHOT_READ_SILENT_REJECTION", message));
      },
    }, this.#onError);
    return rejected;
  }

  /** Whether anything is said about what is submitted, or done on its way. */
  judgesSubmitting(collection: string): boolean {
    const { submit, apply, commit, afterCommit } = this.#use;
    return (submit ?? apply ?? commit ?? afterCommit ?? this.#authorize) !== undefined ||
      this.#collections.has(collection);
  }

  /** An operation comes in: whether it may, and what the functions of `submit` make of it. */
  async submit(context: SubmitContext): Promise<void> {
    const { session, collection, id, change } = context;
    await this.admit({ action: "submit", session, collection, id, change });
    await run(this.#use.submit, context, this.#onError);
  }

  /** What is said and asked on an operation's way; `undefined` if there is nothing of the kind. */
  hooksOf(
    context: SubmitContext,
    isStale: ((epoch: string) => boolean) | undefined,
  ): SubmitHooks | undefined {
    const { apply, commit } = this.#use;
    if (apply === undefined && commit === undefined && isStale === undefined) return undefined;
    return {
      apply: (lap) => {
        if (isStale?.(lap.before.epoch)) throw otherLife();
        return apply === undefined ? undefined : this.#fixup(context, lap);
      },
      ...(commit === undefined ? {} : {
        commit: async ({ op, before, after }: CommitLap) => {
          const { version } = op;
          await run(commit, { ...context, change: op, version, before, after }, this.#onError);
        },
      }),
    };
  }

  /** An operation is committed. What is thrown here is the owner's business alone. */
  async afterCommit(
    context: SubmitContext,
    { op, epoch }: Extract<SubmitResult, { readonly kind: "committed" }>,
  ): Promise<void> {
    const committed = { ...context, change: op, version: op.version, epoch };
    await runAll(this.#use.afterCommit, committed, this.#onError);
  }

  /** A query is about to be asked: whether it may, and what the functions of `query` make of it. */
  async query(context: QueryContext): Promise<void> {
    const { session, collection } = context;
    await this.admit({ action: "query", session, collection, id: undefined, change: undefined });
    await run(this.#use.query, context, this.#onError);
  }

  async #refusal(request: Omit<AccessRequest, "change">): Promise<CodedError | undefined> {
    if (this.#authorize === undefined && this.#collections.size === 0) return undefined;
    try {
      await this.admit({ ...request, change: undefined });
      return undefined;
    } catch (error) {
      // Every failure of a rule refuses this document, and no other.
      return refusalOf(error);
    }
  }

  async #told(
    session: DocumentSession,
    collection: string,
    wants: readonly ReadWant[],
    results: readonly ReadResult[],
  ): Promise<readonly ReadResult[]> {
    if (this.#use.read === undefined) return results;
    const told = [...results];
    for (const kind of ["snapshots", "ops"] as const) {
      const of = results.flatMap((result, index) =>
        result.kind === (kind === "ops" ? "ops" : "snapshot") ? [index] : []
      );
      if (of.length === 0) continue;
      const documents = of.map((index) => readDocument(wants[index]?.id ?? "", results[index]));
      const rejected = await this.tell({ session, collection, kind, documents });
      of.forEach((index, place) => {
        const document = documents[place];
        const result = results[index];
        if (document === undefined || result === undefined) return;
        told[index] = retold(result, document, rejected.get(document.id));
      });
    }
    return told;
  }

  async #fixup(context: SubmitContext, { op, before }: ApplyLap): Promise<Json | undefined> {
    let all: Json | undefined;
    const typeName = op.kind === "create" ? op.type : before.type;
    await run(this.#use.apply, {
      ...context,
      change: op,
      version: op.version,
      before,
      fixup: (fixup) => {
        all = all === undefined ? fixup : composed(this.#types, typeName, all, fixup);
      },
    }, this.#onError);
    return all;
  }
}

function composed(
  types: readonly OtType[],
  typeName: string | undefined,
  first: Json,
  then: Json,
): Json {
  const type = findType(types, typeName ?? "");
  // Operations of types that are written as JSON are JSON.
  if (type.compose !== undefined) return type.compose(first, then) as Json;
  throw new HoldfastError(
    "ERR_OP_MISMATCH",
    "Cannot fix up the operation twice as its type must be able to compose",
  );
}
