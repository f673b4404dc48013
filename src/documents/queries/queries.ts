/**
 * Queries as a server answers them: once, or live.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { HoldfastError, LimitError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { parseQuery, type Query, RESULTS_MAX } from "../../queries/mod.ts";
import type { Random } from "../../random.ts";
import type { DocumentCore, FollowEvent } from "../core.ts";
import type { DocumentSession, QueryContext } from "../middleware.ts";
import { checkNames } from "../names.ts";
import type { Projections } from "../projection.ts";
import { numbered } from "../protocol/read_replies.ts";
import type { QueryReply } from "../protocol/replies.ts";
import type { QueryRequest, QueryUnsubscribeRequest } from "../protocol/requests.ts";
import type { AskRequest } from "../protocol/tasks.ts";
import { type Answer, type Caller, sessionOf } from "../protocol/caller.ts";
import type { Rules } from "../rules.ts";
import { Finder, type FinderOptions } from "./find.ts";
import { LiveCollection } from "./live_collection.ts";
import type { Ear, LiveOptions } from "./live_query.ts";
import { QuerySubscription } from "./subscription.ts";
import { type View, viewsOf } from "./view.ts";

/** What queries need. */
export interface QueriesOptions {
  /** The documents of collections; projections are none. */
  readonly core: Pick<DocumentCore, "read" | "follow" | "types">;
  /** Finds matches in the store. */
  readonly finder: Finder;
  /** The owner's rules. */
  readonly rules: Rules;
  /** Runs timers. */
  readonly clock: Clock;
  /** For waits between attempts. */
  readonly random: Random;
  /** Collections under other names. */
  readonly projections: Projections;
  /** The URI of the type that goes without saying. */
  readonly defaultType: string;
  /** Whether connections may share live queries. */
  readonly isShared: boolean;
  /** The most live queries of one connection. */
  readonly queriesMax: number;
}

/** What a client asks, after the rules have seen it. */
interface Asked {
  readonly session: DocumentSession;
  readonly view: View;
  readonly query: Query;
  readonly options: LiveOptions;
}

/** A live query of one connection, and where it lives. */
interface Subscribed {
  readonly subscription: QuerySubscription;
  readonly collection: LiveCollection;
}

/** The queries of one connection. */
interface CallerQueries {
  readonly subscribed: Map<number, Subscribed>;
  /** One of them ended by itself. */
  readonly ended: (id: number, subscription: QuerySubscription) => void;
  readonly ears: Map<string, Ear>;
  readonly collections: Map<string, LiveCollection>;
}

/** Answers queries to documents in a store. */
export function answersQueries(
  { store, settings, ...options }: Omit<QueriesOptions, "finder"> & FinderOptions,
): Answer {
  const finder = new Finder({ store, settings, core: options.core });
  const queries = new Queries({ ...options, finder });
  return (request, caller) => queries.answer(request, caller);
}

/** The queries of a server. */
class Queries {
  readonly #options: QueriesOptions;
  readonly #viewOf: (name: string) => View;
  readonly #collections = new Map<string, LiveCollection>();
  readonly #callers = new WeakMap<Caller, CallerQueries>();

  /** Nothing is asked yet. */
  constructor(options: QueriesOptions) {
    this.#options = options;
    this.#viewOf = viewsOf(options.projections, options.defaultType);
  }

  /** Answers a request; a subscription tells its reply itself, as what follows must come after it. */
  async answer(request: AskRequest, caller: Caller): Promise<QueryReply | undefined> {
    switch (request.a) {
      case "qf":
        return await this.#fetch(request, caller);
      case "qs":
        return await this.#subscribe(request, caller);
      case "qu":
        return this.#unsubscribe(request, caller);
      default:
        throw new HoldfastError("ERR_NOT_SUPPORTED", "Cannot answer as it must be a query");
    }
  }

  async #fetch(request: QueryRequest, caller: Caller): Promise<QueryReply> {
    const { session, view, query } = await this.#asked(request, caller);
    const { finder, rules } = this.#options;
    const end = query.isCount ? Infinity : query.skip + query.limit;
    const wanted = Math.min(end, RESULTS_MAX);
    const signal = caller.over();
    const { matches, hasMore } = await finder.find(view.of, query, wanted, { signal });
    if (hasMore && end > wanted) throw tooMany();
    const found = matches.slice(query.skip).map(({ snapshot }) => snapshot);
    const count = Math.min(found.length, query.limit);
    const own = view.shown(found);
    const results = query.isCount
      ? []
      : rules.judgesReading
      ? await rules.results(session, view.name, own)
      : own;
    return {
      a: request.a,
      id: request.id,
      ...numbered(request),
      data: results.map((snapshot) => ({ d: snapshot.id, ...view.onWire(snapshot) })),
      ...(query.isCount ? { extra: count } : {}),
    };
  }

  async #subscribe(request: QueryRequest, caller: Caller): Promise<undefined> {
    const { session, view, query, options } = await this.#asked(request, caller);
    const own = this.#of(caller);
    const { id } = request;
    this.#end(own, id);
    if (own.subscribed.size >= this.#options.queriesMax) throw tooManyQueries(this.#options);
    const collection = this.#collection(own, view.of);
    const subscription: QuerySubscription = new QuerySubscription({
      id,
      caller,
      session,
      rules: this.#options.rules,
      view,
      ear: this.#ear(own, caller, view),
      onEnd: own.ended,
    });
    own.subscribed.set(id, { subscription, collection });
    try {
      const live = await collection.open(query, options, subscription);
      if (own.subscribed.get(id)?.subscription === subscription) {
        await subscription.begin(request);
      } else collection.leave(live, subscription);
    } catch (error) {
      // What the store or a rule says: then it is no subscription.
      if (own.subscribed.get(id)?.subscription === subscription) this.#end(own, id);
      throw error;
    }
    return undefined;
  }

  #unsubscribe(request: QueryUnsubscribeRequest, caller: Caller): QueryReply {
    const { a, id } = request;
    this.#end(this.#of(caller), id);
    return { a, id, ...numbered(request) };
  }

  /** Lets the rules see what is asked, and compiles what they leave of it. */
  async #asked({ c: name, q, o = {} }: QueryRequest, caller: Caller): Promise<Asked> {
    checkNames(name, []);
    const session = sessionOf(caller);
    const view = this.#viewOf(name);
    const extra = withoutTimes(o);
    const context: QueryContext = { session, collection: name, query: q ?? null, extra };
    await this.#options.rules.query(context);
    if (context.channels?.length === 0) throw noChannel();
    const query = parseQuery(context.query);
    this.#options.finder.check(view.of, query);
    const { channels, pollDebounce = 0, pollInterval = 0 } = context;
    const intervalMs = pollInterval > 0 ? pollInterval : Infinity;
    return { session, view, query, options: { channels, debounceMs: pollDebounce, intervalMs } };
  }

  #of(caller: Caller): CallerQueries {
    const known = this.#callers.get(caller);
    if (known !== undefined) return known;
    const subscribed: CallerQueries["subscribed"] = new Map();
    const ended: CallerQueries["ended"] = (id, subscription) => {
      if (subscribed.get(id)?.subscription === subscription) subscribed.delete(id);
    };
    const own: CallerQueries = { subscribed, ended, ears: new Map(), collections: new Map() };
    this.#callers.set(caller, own);
    const end = (): void => {
      for (const id of [...own.subscribed.keys()]) this.#end(own, id);
    };
    const signal = caller.over();
    if (signal.aborted) queueMicrotask(end);
    else signal.addEventListener("abort", end, { once: true });
    return own;
  }

  #end({ subscribed }: CallerQueries, id: number): void {
    const found = subscribed.get(id);
    if (found === undefined) return;
    subscribed.delete(id);
    const { subscription, collection } = found;
    subscription.end();
    if (subscription.live !== undefined) collection.leave(subscription.live, subscription);
  }

  /** The live queries of a collection; those of one connection alone where connections must not share. */
  #collection(own: CallerQueries, name: string): LiveCollection {
    const { isShared, core, finder, clock, random } = this.#options;
    const collections = isShared ? this.#collections : own.collections;
    const known = collections.get(name);
    if (known !== undefined && !known.isOver) return known;
    const made: LiveCollection = new LiveCollection({
      collection: name,
      core,
      finder,
      clock,
      random,
      onEmpty: () => {
        if (collections.get(name) === made) collections.delete(name);
      },
    });
    collections.set(name, made);
    return made;
  }

  #ear(own: CallerQueries, { hearer }: Caller, view: View): Ear {
    const { name } = view;
    const known = own.ears.get(name);
    if (known !== undefined) return known;
    const ear: Ear = {
      hear: (event: FollowEvent) => hearer.hear(name, view.heard(event)),
    };
    if (own.ears.size < EARS_MAX) own.ears.set(name, ear);
    return ear;
  }
}

/** The ears of one connection that are shared by its queries; with more names, each query has its own. */
const EARS_MAX = 1_000;

/** When a result is evaluated is not for clients to say. */
function withoutTimes(options: JsonObject): JsonObject {
  const { pollDebounce: _, pollInterval: __, ...rest } = options;
  return rest;
}

function noChannel(): HoldfastError {
  return new HoldfastError("ERR_QUERY_CHANNEL_MISSING", "Required minimum one query channel.");
}

function tooMany(): LimitError {
  return new LimitError(
    "ERR_TOO_LARGE",
    `Cannot query as a result must have ${RESULTS_MAX} documents at most without a $limit`,
  );
}

function tooManyQueries({ queriesMax }: QueriesOptions): LimitError {
  return new LimitError("ERR_LIMIT", `Cannot query as ${queriesMax} queries may be live`);
}
