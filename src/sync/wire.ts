/**
 * Messages of clients: from text that may be anything to what the hub works with.
 *
 * @module
 */

import * as z from "npm:zod@^4.6.7/mini";
import {
  BATCH_MAX,
  type ClientMessage,
  MESSAGE_BYTES_MAX,
  NAME_LENGTH_MAX,
  READ_MAX,
  SUBSCRIPTIONS_MAX,
} from "./messages.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";

const TX = new RegExp(`^[\\w.-]{1,${NAME_LENGTH_MAX}}(/[1-9]\\d{0,14})?$`);
const CLIENT = new RegExp(`^[\\w.-]{1,${NAME_LENGTH_MAX}}$`);
const CURSOR_LENGTH_MAX = 256;

const MESSAGE = z.object({
  id: z.nullish(z.union([z.string().check(z.maxLength(128)), z.number()])),
  event: z.string().check(z.maxLength(256)),
  data: z.optional(z.unknown()),
  tx: z.optional(z.string().check(z.regex(TX))),
  v: z.nullish(z.string().check(z.maxLength(128))),
  patch: z.optional(z.boolean()),
});

const SUBSCRIPTION = z.object({
  model: z.string().check(z.maxLength(128)),
  after: z.nullish(z.string().check(z.maxLength(CURSOR_LENGTH_MAX))),
});

const HELLO = z.object({
  version: z.optional(z.number()),
  client: z.optional(z.string().check(z.regex(CLIENT))),
  token: z.optional(z.string().check(z.maxLength(8_192))),
  echo: z.optional(z.boolean()),
});

const PRESENCE = z.object({
  room: z.string().check(z.minLength(1), z.maxLength(128), z.regex(/^\P{Surrogate}*$/u)),
  meta: z.optional(z.unknown()),
});

const READ = z.object({
  id: z.optional(z.union([z.string(), z.number()])),
  ids: z.optional(z.array(z.union([z.string(), z.number()]))),
  // As it came: a copy would lose `__proto__`, and a query of no field is one of every record.
  where: z.optional(z.custom<JsonObject>(isJsonObject)),
  limit: z.optional(z.int().check(z.minimum(1), z.maximum(READ_MAX))),
  after: z.optional(z.string().check(z.maxLength(4_096))),
  reverse: z.optional(z.boolean()),
});

const MODELS = z.array(
  z.union([z.tuple([z.string()]), z.tuple([z.string(), z.nullable(z.string())])]),
).check(z.maxLength(SUBSCRIPTIONS_MAX));

/** What a text from outside is. */
export type ParsedMessage =
  | { readonly kind: "message"; readonly message: ClientMessage }
  /** No message: not JSON, no object, without an event, or a field of another type. */
  | { readonly kind: "unreadable"; readonly id: string | number | undefined };

/** The message of a text. */
export function parseMessage(text: string): ParsedMessage {
  return messageOf(jsonOf(text));
}

/** The messages of a body: one, or an array of them; `undefined` if it has none, or more than one POST may. */
export function parseBatch(text: string): readonly ParsedMessage[] | undefined {
  const value = jsonOf(text);
  if (!Array.isArray(value)) return [messageOf(value)];
  return value.length === 0 || value.length > BATCH_MAX ? undefined : value.map(messageOf);
}

/** Where a stream begins: each model with the cursor after which it goes on. `undefined` if the text is no such list. */
export function parseModels(
  text: string,
): readonly (readonly [model: string, after: string | undefined])[] | undefined {
  const parsed = MODELS.safeParse(jsonOf(text));
  return parsed.success
    ? parsed.data.map(([model, after]) => [model, after ?? undefined] as const)
    : undefined;
}

/** What a subscription asks for; `undefined` if it is none. */
export function parseSubscription(data: unknown): Subscription | undefined {
  const parsed = SUBSCRIPTION.safeParse(data).data;
  return parsed && { model: parsed.model, after: parsed.after ?? undefined };
}

/** What a hello says; `undefined` if it is none. */
export function parseHello(data: unknown): Hello | undefined {
  return HELLO.safeParse(data ?? {}).data;
}

/** What a message of presence says; `undefined` if it is none. */
export function parsePresence(
  data: unknown,
): { readonly room: string; readonly meta: Json } | undefined {
  const parsed = PRESENCE.safeParse(data);
  // What was JSON is JSON.
  return parsed.success
    ? { room: parsed.data.room, meta: (parsed.data.meta ?? null) as Json }
    : undefined;
}

/** What a read asks for; `undefined` if it is none. */
export function parseRead(data: unknown): ReadRequest | undefined {
  // What was JSON is JSON.
  return READ.safeParse(data ?? {}).data as ReadRequest | undefined;
}

/** What a client subscribes to. */
export interface Subscription {
  /** The model. */
  readonly model: string;
  /** The cursor after which to go on; from now on if left out. */
  readonly after: string | undefined;
}

/** How a client introduces itself. */
export interface Hello {
  /** The name of its queue, for the hub's owner to see. */
  readonly client?: string | undefined;
  /** What prolongs its subject. */
  readonly token?: string | undefined;
  /** Whether it hears of its own writes. */
  readonly echo?: boolean | undefined;
}

/** A read of records. */
export interface ReadRequest {
  /** One record. */
  readonly id?: string | number | undefined;
  /** These records. */
  readonly ids?: readonly (string | number)[] | undefined;
  /** Values of an index. */
  readonly where?: JsonObject | undefined;
  /** The most records. */
  readonly limit?: number | undefined;
  /** Where an earlier page ended. */
  readonly after?: string | undefined;
  /** Whether to go from the last to the first. */
  readonly reverse?: boolean | undefined;
}

/** Whether a text is longer than a message may be. */
export function isTooLarge(text: string): boolean {
  return text.length > MESSAGE_BYTES_MAX ||
    (text.length * 3 > MESSAGE_BYTES_MAX &&
      new TextEncoder().encode(text).length > MESSAGE_BYTES_MAX);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Only SyntaxError can come here: what is no JSON is no message either.
    return undefined;
  }
}

function messageOf(value: unknown): ParsedMessage {
  const parsed = MESSAGE.safeParse(value);
  if (!parsed.success) {
    const id: unknown = Reflect.get(Object(value), "id");
    const isId = (typeof id === "string" && id.length <= 128) || typeof id === "number";
    return { kind: "unreadable", id: isId ? id : undefined };
  }
  const { id, data, ...rest } = parsed.data;
  // What was JSON is JSON.
  return {
    kind: "message",
    message: { ...rest, id: id ?? undefined, data: data as Json | undefined },
  };
}
