/**
 * A server of documents as tests use it: any backend, any rules, sockets within the process.
 *
 * @module
 */

import type { LinkListener } from "../../../src/documents/client/link.ts";
import { documentCore } from "../../../src/documents/document_core.ts";
import type { DocumentsBackend } from "../../../src/documents/port.ts";
import type { DocumentCore } from "../../../src/documents/core.ts";
import { answers } from "../../../src/documents/protocol/answers.ts";
import type { Answer } from "../../../src/documents/protocol/caller.ts";
import { Presence } from "../../../src/documents/protocol/presence.ts";
import { roomsOf } from "../../../src/documents/protocol/rooms.ts";
import {
  CONNECTION_LIMITS,
  type ConnectionLimits,
} from "../../../src/documents/protocol/limits.ts";
import {
  DocumentServer,
  type DocumentServerOptions,
} from "../../../src/documents/protocol/server.ts";
import { projectedCore } from "../../../src/documents/projected_core.ts";
import { type ProjectionOptions, projectionsOf } from "../../../src/documents/projection.ts";
import { answersQueries } from "../../../src/documents/queries/queries.ts";
import { Rules, type RulesOptions } from "../../../src/documents/rules.ts";
import { coreSettings, type CoreSettingsOptions } from "../../../src/documents/settings.ts";
import { json } from "../../../src/ot/mod.ts";

/** What a test wants of its server. */
export interface TestServerOptions {
  readonly rules?: RulesOptions;
  readonly settings?: CoreSettingsOptions;
  readonly limits?: Partial<ConnectionLimits>;
  readonly projections?: Readonly<Record<string, ProjectionOptions>>;
  readonly server?: Partial<DocumentServerOptions>;
}

/** A server on a backend. */
export function testServer(
  backend: DocumentsBackend,
  { rules, settings = {}, limits, projections, server }: TestServerOptions = {},
): DocumentServer {
  const settled = coreSettings(settings);
  const base = documentCore(backend, settled);
  const core = projectedCore(base, projectionsOf(projections));
  const ruled = new Rules(rules ?? {}, core.types);
  return new DocumentServer({
    core,
    rules: ruled,
    clock: backend.clock,
    random: backend.random,
    sharesFollows: backend.isolation === "process",
    secret: undefined,
    isShared: false,
    limits: { ...CONNECTION_LIMITS, ...limits },
    defaultType: json.uri,
    skipsEmpty: false,
    authenticate: undefined,
    answer: answers({
      core,
      rules: ruled,
      presence: presenceOf(backend, core, ruled, { ...CONNECTION_LIMITS, ...limits }),
      queries: answersQueries({
        core: base,
        store: backend.documents,
        settings: settled,
        rules: ruled,
        clock: backend.clock,
        random: backend.random,
        projections: projectionsOf(projections),
        defaultType: json.uri,
        isShared: backend.isolation === "process",
        queriesMax: { ...CONNECTION_LIMITS, ...limits }.queriesMax,
      }),
    }),
    ...server,
  });
}

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

/** A message of a server, as tests look at it. */
export type Told = Record<string, unknown> & { readonly a?: string };

/** The client's end of a socket, without any client: what is sent and what comes, as they are. */
export class RawClient {
  /** Everything that came and was not taken yet. */
  readonly told: Told[] = [];
  /** Whether the server ended the socket. */
  ended: { readonly isFinal: boolean; readonly reason?: string | undefined } | undefined;
  readonly #link: { send(text: string): void; close(): void };
  #waiting: (() => void)[] = [];

  /** Connects to a server as this subject. */
  constructor(server: DocumentServer, subject = "") {
    const listener: LinkListener = {
      opened: () => {},
      received: (text) => {
        this.told.push(JSON.parse(text));
        this.#wake();
      },
      closed: (end) => {
        this.ended = end;
        this.#wake();
      },
    };
    this.#link = server.link(subject)(listener);
  }

  /** Connects and shakes hands; gives the reply. `holdfast` for a client of ours. */
  static async greeted(
    server: DocumentServer,
    { subject = "", id = null, isOurs = false }: {
      readonly subject?: string;
      readonly id?: string | null;
      readonly isOurs?: boolean;
    } = {},
  ): Promise<RawClient & { readonly id: string }> {
    const client = new RawClient(server, subject);
    client.send({ a: "hs", id, protocol: 1, protocolMinor: 2, ...(isOurs ? { holdfast: 1 } : {}) });
    await client.next((message) => message.a === "init");
    const { id: given } = await client.next((message) => message.a === "hs");
    return Object.assign(client, { id: String(given) });
  }

  /** Sends a message, or any text as it is. */
  send(message: unknown): void {
    this.#link.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Sends a request and waits for the next message that answers it. */
  async ask(message: Told): Promise<Told> {
    this.send(message);
    return await this.next((told) => told.a === message.a && told.src !== "");
  }

  /** Waits for the first message like this, and takes it together with all before it. */
  async next(isIt: (message: Told) => boolean = () => true): Promise<Told> {
    for (;;) {
      const index = this.told.findIndex(isIt);
      const found = this.told[index];
      if (found !== undefined) {
        this.told.splice(0, index + 1);
        return found;
      }
      if (this.ended !== undefined) throw new Error("The socket was closed");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits until the server has ended the socket. */
  async end(): Promise<{ readonly isFinal: boolean; readonly reason?: string | undefined }> {
    while (this.ended === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.ended;
  }

  /** Ends the socket. */
  close(): void {
    this.#link.close();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
