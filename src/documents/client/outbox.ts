/**
 * The requests of a moment: readings and subscriptions of many documents, put together into few messages.
 *
 * @module
 */

import type { WireError, WireSnapshot } from "../protocol/messages.ts";
import type { BulkReply, ReadReply } from "../protocol/replies.ts";
import type { Asked } from "./subscription.ts";
import { type DocumentTenant, errorFrom, positionOnWire, type Sent } from "./wire.ts";

/** Who asks for a document. */
export interface Asking {
  readonly doc: DocumentTenant;
  readonly asked: Asked;
  /** Whether the whole is wanted, whatever is here. */
  readonly isWhole: boolean;
}

/** A message, and for whom it asks. */
export interface Request {
  readonly message: Sent;
  readonly askings: readonly Asking[];
}

/** How many documents one message asks for; more go into further messages. */
export const DOCUMENTS_PER_MESSAGE = 500;

/** The messages that ask for all. */
export function requestsFor(askings: readonly Asking[]): readonly Request[] {
  const groups = new Map<string, Asking[]>();
  for (const asking of askings) {
    const { doc, asked } = asking;
    const isKnown = asked !== "u" && positionOf(asking).version !== undefined;
    const key = JSON.stringify([asked, doc.collection, isKnown, vectorOf(asking) && doc.id]);
    groups.set(key, [...groups.get(key) ?? [], asking]);
  }
  return [...groups.values()].flatMap(chunks).map((group) => ({
    message: messageFor(group),
    askings: group,
  }));
}

/** Gives each document its part of a reply. */
export function answer(askings: readonly Asking[], reply: ReadReply | BulkReply): void {
  const whole = reply.error && errorFrom(reply.error);
  for (const { doc, asked } of askings) {
    const part = "d" in reply ? reply.data : partOf(reply, doc.id);
    if (part !== undefined && "error" in part) {
      doc.answered(asked, undefined, errorFrom(part.error));
    } else doc.answered(asked, part, whole);
  }
}

function partOf({ data }: BulkReply, id: string): WireSnapshot | { error: WireError } | undefined {
  return data !== undefined && Object.hasOwn(data, id) ? data[id] : undefined;
}

function chunks(group: readonly Asking[]): readonly (readonly Asking[])[] {
  const count = Math.ceil(group.length / DOCUMENTS_PER_MESSAGE);
  return Array.from(
    { length: count },
    (_, at) => group.slice(at * DOCUMENTS_PER_MESSAGE, (at + 1) * DOCUMENTS_PER_MESSAGE),
  );
}

function messageFor(group: readonly Asking[]): Sent {
  const [first] = group;
  if (first === undefined) return { a: "pp" };
  const { doc: { collection: c, id: d }, asked } = first;
  if (group.length === 1) {
    if (asked === "u") return { a: asked, c, d };
    const sv = vectorOf(first);
    return { a: asked, c, d, ...positionOnWire(positionOf(first)), ...sv && { sv } };
  }
  const bulk = { a: `b${asked}`, c };
  if (asked === "u" || positionOf(first).version === undefined) {
    return { ...bulk, b: group.map(({ doc }) => doc.id) };
  }
  const places = group.map((asking) => [asking.doc.id, positionOf(asking)] as const);
  return {
    ...bulk,
    b: Object.fromEntries(places.map(([id, { version }]) => [id, version])),
    e: Object.fromEntries(places.flatMap(([id, { epoch }]) => epoch ? [[id, epoch]] : [])),
    g: Object.fromEntries(places.flatMap(([id, { tag }]) => tag ? [[id, tag]] : [])),
  };
}

/** The state vector that goes with a request, where there is no position to go on from. */
function vectorOf(asking: Asking): string | undefined {
  return asking.asked === "u" || positionOf(asking).version !== undefined
    ? undefined
    : asking.doc.known?.stateVector;
}

function positionOf({ doc, isWhole }: Asking): DocumentTenant["position"] {
  return isWhole ? {} : doc.position;
}
