/**
 * Documents on a backend: the face that everything is opened by.
 *
 * @module
 */

import { checkBackend } from "../backend.ts";
import { ArgumentError, checkOptions, LimitError } from "../errors.ts";
import type { Json } from "../json.ts";
import { json } from "../ot/mod.ts";
import { randomToken } from "../random.ts";
import type { Change, PartialPosition } from "./change.ts";
import { connectLink } from "./client/connect.ts";
import { copied } from "./copied.ts";
import type { DocumentCore, ReadResult, Snapshot, SubmitResult } from "./core.ts";
import { documentCore } from "./document_core.ts";
import type {
  Documents,
  DocumentsMoment,
  DocumentsOptions,
  DocumentsSubmission,
} from "./documents_face.ts";
import type { JournaledBackend } from "./journal_port.ts";
import { backendOf, sourceOf } from "./two_stores.ts";
import { consumed } from "./outbox.ts";
import { OwnClients } from "./own_clients.ts";
import { OwnRooms } from "./own_rooms.ts";
import type { DocumentsBackend, HistoryMoment } from "./port.ts";
import { answers } from "./protocol/answers.ts";
import { type ConnectionLimits, connectionLimits } from "./protocol/limits.ts";
import { Presence } from "./protocol/presence.ts";
import { roomsOf } from "./protocol/rooms.ts";
import { DocumentServer } from "./protocol/server.ts";
import type { Answer } from "./protocol/caller.ts";
import { projectedCore } from "./projected_core.ts";
import { type Projections, projectionsOf } from "./projection.ts";
import { answersQueries } from "./queries/queries.ts";
import { Rules } from "./rules.ts";
import { CORE_OPTIONS, type CoreSettings, coreSettings } from "./settings.ts";
import type { DocumentsSubmitted } from "./submitted.ts";
import { servedUpdates, updateTypeAmong } from "./updates.ts";

const NEEDS = ["documents", "wakes", "clock", "random"];
const OPTIONS: readonly string[] = [
  ...CORE_OPTIONS,
  "authenticate",
  "authorize",
  "limits",
  "onError",
  "projections",
  "secret",
  "skipsEmpty",
  "use",
];
const SECRET_LENGTH_MIN = 16;

/**
 * Documents on a backend. Sends nothing yet.
 *
 * @example
 * ```ts
 * import { createDocuments } from "@holdfast/holdfast/documents";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 *
 * await using documents = createDocuments(memory());
 * await documents.submit("posts", "1", { create: { data: { tags: [] } }, version: 0 });
 *
 * // Two edits that were made at once, each for version 1: both are kept.
 * await documents.submit("posts", "1", { op: [{ p: ["tags", 0], li: "a" }], version: 1 });
 * const late = await documents.submit("posts", "1", { op: [{ p: ["tags", 0], li: "b" }], version: 1 });
 * strictEqual(late.version, 2);
 * deepStrictEqual((await documents.fetch("posts", "1")).data, { tags: ["b", "a"] });
 * deepStrictEqual((await documents.history("posts", "1", { version: 2 })).data, { tags: ["a"] });
 * ```
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION`; `ERR_INVALID_ARGUMENT` for a backend or type that is none.
 */
export function createDocuments(
  stores: JournaledBackend,
  options: DocumentsOptions = {},
): Documents {
  checkBackend("create documents", stores, NEEDS);
  const backend = backendOf(stores);
  checkOptions("create documents", options, OPTIONS);
  checkSecret(options.secret);
  const settings = coreSettings(options);
  const projections = projectionsOf(options.projections, options.collections);
  const base = documentCore(backend, settings);
  const core = projectedCore(base, projections);
  const server = serverOf(backend, { base, core, settings, projections }, options);
  const own = ownSource(backend);
  const clients = new OwnClients();
  const rooms = new OwnRooms(() => documents.connect(), backend.isolation === "process");
  const documents: Documents = {
    fetch: async (collection, id, call) => {
      const [result] = await core.read(collection, [{ id }], call);
      return snapshotOf(result);
    },
    fetchMany: async (collection, ids, call) => {
      const results = await core.read(collection, ids.map((id) => ({ id })), call);
      return results.map(snapshotOf);
    },
    submit: async (collection, id, submission, call) => {
      const { source, sequence } = identityOf(submission, own);
      const change = changeOf(submission, settings.collection(collection).type);
      const base = baseOf(submission);
      const result = await core.submit(collection, id, { source, sequence, change, base }, call);
      return outcomeOf(result, base !== undefined);
    },
    history: async (collection, id, moment, call) =>
      copied(await core.history(collection, id, momentOf(moment), call)),
    follow: (collection, ids, listener, signal) => core.follow(collection, ids, listener, signal),
    updates: (collection, id) => {
      const type = updateTypeAmong(core.types, settings.collection(collection).type);
      return servedUpdates(core, documents.submit, [collection, id], type);
    },
    consume: (collection, name, consumer, signal) =>
      consumed(
        { ...backend, core, settings, source: sourceOf(stores) },
        collection,
        name,
        consumer,
        signal,
      ),
    connect: ({ subject = "", ...rest } = {}) =>
      clients.add(connectLink(server.link(subject), {
        clock: backend.clock,
        random: backend.random,
        types: core.types.filter((type) => type !== json),
        ...rest,
      })),
    upgrade: (request, open) => server.upgrade(request, open),
    accept: (socket, accepted) => server.accept(socket, accepted),
    presence: (room) => rooms.open(room),
    close: () => {
      rooms.close();
      clients.close();
      server.close();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(documents.close()),
  };
  return documents;
}

/** What a server stands on. */
interface Standing {
  /** The documents of collections. */
  readonly base: DocumentCore;
  /** The same, and those of projections. */
  readonly core: DocumentCore;
  readonly settings: CoreSettings;
  readonly projections: Projections;
}

function serverOf(
  backend: DocumentsBackend,
  { base, core, settings, projections }: Standing,
  options: DocumentsOptions,
): DocumentServer {
  const { authenticate, authorize, collections, limits, onError, secret } = options;
  const { skipsEmpty = false, use } = options;
  const bounds = connectionLimits(limits);
  const { clock, random, isolation, durability } = backend;
  const rules = new Rules({ authorize, collections: collections ?? {}, use, onError }, core.types);
  const isShared = isolation === "process";
  return new DocumentServer({
    core,
    rules,
    clock,
    random,
    sharesFollows: isShared,
    secret,
    isShared: durability !== "memory",
    limits: bounds,
    defaultType: json.uri,
    skipsEmpty,
    authenticate,
    onError,
    answer: answers({
      core,
      rules,
      presence: presenceOf(backend, core, rules, bounds),
      queries: answersQueries({
        core: base,
        store: backend.documents,
        settings,
        rules,
        clock,
        random,
        projections,
        defaultType: json.uri,
        isShared,
        queriesMax: bounds.queriesMax,
      }),
    }),
  });
}

/** Who is where, on a backend that keeps that. */
function presenceOf(
  backend: DocumentsBackend,
  core: DocumentCore,
  rules: Rules,
  limits: ConnectionLimits,
): Answer | undefined {
  const { presence, wakes, clock, random, isolation } = backend;
  if (presence === undefined) return undefined;
  const rooms = roomsOf({ presence, wakes, clock, random }, isolation === "process");
  const served = new Presence({ core, rules, roomsOf: rooms, limits });
  return (request, caller) => served.answer(request, caller);
}

/** Data that is the caller's own: what the core keeps is shared with everybody, and nobody's to change. */
function snapshotOf(result: ReadResult | undefined): Snapshot {
  if (result?.kind === "refused") throw result.error;
  if (result?.kind !== "snapshot") throw malformed("the store must answer with a document");
  return copied(result.snapshot);
}

function baseOf({ version, epoch }: DocumentsSubmission): PartialPosition | undefined {
  return version === undefined ? undefined : { version, ...epoch !== undefined && { epoch } };
}

/** What is told of a submission: of one that named a version, with what it was led past. */
function outcomeOf(result: SubmitResult, isBound: boolean): DocumentsSubmitted {
  if (result.kind === "refused") throw result.error;
  const isDuplicate = result.kind === "duplicate";
  return {
    version: isDuplicate ? result.version : result.op.version,
    epoch: result.epoch,
    isDuplicate,
    missed: isBound ? copied(result.missed) : undefined,
  };
}

/** The source of whoever names none, and its count. Drawn when it is needed first: dice are not for module scope. */
function ownSource({ random }: DocumentsBackend) {
  let source: string | undefined;
  let sequence = 0;
  return () => ({ source: source ??= randomToken(random), sequence: ++sequence });
}

function identityOf(
  { source, sequence }: DocumentsSubmission,
  own: ReturnType<typeof ownSource>,
) {
  if (source === undefined && sequence === undefined) return own();
  if (source !== undefined && sequence !== undefined) return { source, sequence };
  throw malformed("source and sequence must be given together");
}

function changeOf(submission: DocumentsSubmission, type: string): Change {
  const { op, create, del } = submission;
  const given = [op, create, del].filter((one) => one !== undefined);
  if (given.length !== 1) throw malformed("it must have one of op, create and del");
  if (op !== undefined) return { kind: "op", op: owned(op) };
  if (del !== undefined) return { kind: "del" };
  if (typeof create !== "object" || create === null) throw malformed("create must be an object");
  return { kind: "create", type: create.type ?? type, data: owned(create.data) };
}

/** A copy, as the caller may go on changing what he gave. Whether it is JSON is for its type to say. */
function owned(value: unknown): Json {
  try {
    return copied(value) as Json;
  } catch {
    // A RangeError: something that holds itself, or nests without end.
    throw malformed("it must be JSON");
  }
}

function momentOf(moment: DocumentsMoment): HistoryMoment {
  if (!("at" in moment)) return moment;
  return { atMs: Number(moment.at) };
}

function checkSecret(secret: unknown): void {
  if (secret === undefined) return;
  if (typeof secret === "string" && secret.length >= SECRET_LENGTH_MIN) return;
  throw new LimitError(
    "ERR_INVALID_OPTION",
    `Cannot create documents as secret must be a text of at least ${SECRET_LENGTH_MIN} characters`,
  );
}

function malformed(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot submit the operation as ${rule}`);
}
