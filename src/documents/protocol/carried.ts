/**
 * Messages within a process: what arrives of a value that is sent as it is, which is what would arrive of its text, and
 * shares nothing that anybody could change with what was sent.
 *
 * A text would have to be written once and read by each who gets it, and that is most of what a small operation costs
 * (`bench/documents_bench.ts`).
 *
 * @module
 */

/** A message as it arrives. One that the sender made for nobody else, and that holds no lists and objects, is it. */
export function carriedMessage<Message extends object>(message: Message): Message {
  // The same fields, each with what JSON makes of it.
  const fields = message as Readonly<Record<string, unknown>>;
  let copy: Record<string, unknown> | undefined;
  for (const field in fields) {
    const value = fields[field];
    if (typeof value !== "object" || value === null) continue;
    copy ??= { ...fields };
    copy[field] = carried(value);
  }
  return (copy ?? message) as Message;
}

/** What JSON makes of a value: a copy of lists and plain objects, and of anything else what its text says. */
export function carried(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      // There is no negative zero in JSON.
      return Number.isFinite(value) ? value + 0 : null;
    case "object":
      if (value === null) return null;
      if (Array.isArray(value)) return carriedList(value);
      return isPlain(value) ? carriedObject(value) : read(value);
    default:
      return read(value);
  }
}

function carriedList(list: readonly unknown[]): unknown[] {
  const copy = list.slice();
  // By index, as a hole is null as well.
  for (let at = 0; at < copy.length; at++) copy[at] = carried(copy[at]) ?? null;
  return copy;
}

function carriedObject(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // Properties of its own, even one that has the name of the prototype's.
  const copy = { ...object };
  for (const key of Object.keys(copy)) {
    const [part, own] = [copy[key], carried(copy[key])];
    if (own === undefined) delete copy[key];
    else if (!Object.is(own, part)) copy[key] = own;
  }
  return copy;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !("toJSON" in value);
}

/** By way of its text; `undefined` for what has none. */
function read(value: unknown): unknown {
  const text: string | undefined = JSON.stringify(value);
  return text === undefined ? undefined : JSON.parse(text);
}
