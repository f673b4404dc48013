/**
 * The server's side of SockJS 0.3.3, as far as npm `sockjs-client` needs it outside iframes, for the seed's clients.
 *
 * | path | here |
 * |---|---|
 * | the base path, `/info` | as the protocol has it |
 * | `/websocket` | raw messages |
 * | `/:server/:session/websocket` | frames |
 * | `…/xhr`, `…/xhr_send`, `…/xhr_streaming`, `…/eventsource` | as the protocol has it |
 * | OPTIONS of all of them | as the protocol has it |
 * | `/iframe*.html`, `…/htmlfile` | left out: pages in iframes, for browsers without CORS |
 * | `…/jsonp`, `…/jsonp_send` | left out: a script that any page may include reads with the user's cookies |
 * | cookie `JSESSIONID` | left out: `cookie_needed` is false, a balancer can go by the session in the path |
 * | CORS | an origin that is not allowed is refused, where the protocol lets in everybody |
 *
 * Sessions live in one process. Sources: the protocol's own description and test suite (sockjs-protocol 0.3.3).
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { Caller } from "../caller.ts";
import type { Connection } from "../connection.ts";
import type { HostUpgrade } from "../hub_face.ts";
import type { Channel } from "../sender.ts";
import { bodyText } from "../transport/post.ts";
import { refusal } from "../transport/refusal.ts";
import { serveSocket } from "../transport/websocket.ts";
import { messagesOf, quoter } from "./frames.ts";
import { carrying, NO_CACHE, PLAIN, plain, responseOf, shared } from "./responses.ts";
import { SockjsSession } from "./session.ts";
import { framedSocket } from "./socket.ts";

/** What the server is made with. */
export interface SockjsOptions {
  /** Where time is read. */
  readonly clock: Clock;
  /** Where dice are rolled. */
  readonly random: Random;
  /** The base path. */
  readonly path: string;
  /** Opens a connection. */
  readonly open: (channel: Channel, caller: Caller) => Connection;
  /** How many bytes one response may hold. */
  readonly heldBytesMax: number;
}

/** What a request is handled with. */
export interface SockjsCall {
  /** Whether the request may go on, and who asks. */
  readonly admit: () => Promise<{ readonly caller: Caller } | Response>;
  /** The host's own upgrade; `undefined` where it has none. */
  readonly upgrade: HostUpgrade | undefined;
}

interface Open {
  readonly session: SockjsSession;
  readonly connection: Connection;
  readonly caller: Caller;
}

const METHODS: Readonly<Record<string, string>> = {
  info: "GET",
  websocket: "GET",
  xhr: "POST",
  xhr_send: "POST",
  xhr_streaming: "POST",
  eventsource: "GET",
};

/** Serves the sessions of one process. */
export class SockjsServer {
  readonly #options: SockjsOptions;
  readonly #sessions = new Map<string, Open>();
  readonly #quote = quoter();

  /** Serves nobody yet. */
  constructor(options: SockjsOptions) {
    this.#options = options;
  }

  /** Ends what is left of all sessions. */
  close(): void {
    for (const { session } of this.#sessions.values()) session.end();
    this.#sessions.clear();
  }

  /** Answers a request under the base path. */
  async handle(request: Request, call: SockjsCall): Promise<Response> {
    const rest = new URL(request.url).pathname.slice(this.#options.path.length);
    if (rest === "" || rest === "/") return plain("Welcome to SockJS!\n");
    const [, server, session, transport = ""] = /^\/([^/.]+)\/([^/.]+)\/([a-z_]+)$/.exec(rest) ??
      [];
    const name = server === undefined ? rest.slice(1) : transport;
    const method = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    const isNested = session !== undefined;
    if (method === undefined || (name === "info" ? isNested : !isNested && name !== "websocket")) {
      return refusal(404, "ERR_NOT_FOUND");
    }
    if (request.method === "OPTIONS" && name !== "websocket") return shared(request, method);
    if (request.method !== method) {
      return new Response(null, { status: 405, headers: { allow: method } });
    }
    if (name === "info") return this.#info(request, call);
    if (name === "websocket") return await this.#socket(request, call, isNested);
    return await this.#overHttp(request, call, session ?? "", name);
  }

  #info(request: Request, { upgrade }: SockjsCall): Response {
    const entropy = new DataView(this.#options.random.bytes(4).buffer).getUint32(0);
    const info = {
      websocket: upgrade !== undefined,
      cookie_needed: false,
      origins: ["*:*"],
      entropy,
    };
    return responseOf(request, JSON.stringify(info), "application/json; charset=UTF-8", NO_CACHE);
  }

  async #socket(
    request: Request,
    { admit, upgrade }: SockjsCall,
    isFramed: boolean,
  ): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return plain(`Can "Upgrade" only to "WebSocket".`, 400);
    }
    if (upgrade === undefined) {
      return refusal(426, "ERR_INVALID_ARGUMENT", { upgrade: "websocket" });
    }
    const admitted = await admit();
    if (admitted instanceof Response) return admitted;
    const { socket, response } = await upgrade({ protocol: undefined });
    const { open, clock } = this.#options;
    serveSocket(
      socket,
      (channel) =>
        isFramed
          ? framedSocket(
            channel,
            { clock, quote: this.#quote },
            (framed) => open(framed, admitted.caller),
          )
          : open(channel, admitted.caller),
    );
    return response ?? new Response(null, { status: 204 });
  }

  async #overHttp(
    request: Request,
    { admit }: SockjsCall,
    id: string,
    name: string,
  ): Promise<Response> {
    const admitted = await admit();
    if (admitted instanceof Response) return admitted;
    const { caller } = admitted;
    const known = this.#sessions.get(id);
    if (known !== undefined && known.caller.key !== caller.key) {
      return refusal(404, "ERR_NOT_FOUND");
    }
    if (name === "xhr_send") return await this.#taken(request, known);
    const { session } = known ?? this.#opened(id, caller);
    return carrying(request, session, name, this.#options.heldBytesMax);
  }

  #opened(id: string, caller: Caller): Open {
    const { clock, open } = this.#options;
    const session = new SockjsSession(clock, this.#quote, () => {
      this.#sessions.delete(id);
      opened.connection.end();
    });
    const opened = { session, connection: open(session, caller), caller };
    this.#sessions.set(id, opened);
    return opened;
  }

  async #taken(request: Request, known: Open | undefined): Promise<Response> {
    if (known === undefined || known.session.isClosed) return plain("", 404);
    const body = await bodyText(request);
    if (body === undefined) return refusal(413, "ERR_TOO_LARGE");
    if (body === "") return responseOf(request, "Payload expected.", PLAIN, NO_CACHE, 500);
    const messages = messagesOf(body);
    if (messages === undefined) {
      return responseOf(request, "Broken JSON encoding.", PLAIN, NO_CACHE, 500);
    }
    for (const message of messages) known.connection.receive(message);
    return responseOf(request, null, PLAIN, NO_CACHE, 204);
  }
}
