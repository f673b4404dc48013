/**
 * Messages of clients, from whatever came out of a socket: the one place where they are looked at.
 *
 * Only what leads to a document is judged here (names, versions, numbers, sizes); an operation is for its type to
 * judge, a query for the language of queries. Everything is read as an own property, so nothing that an object inherits
 * passes for a field.
 *
 * @module
 */

import type { ErrorCode } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { RESULTS_MAX } from "../../queries/mod.ts";
import { COLLECTION_LENGTH_MAX, ID_LENGTH_MAX, isName } from "../names.ts";
import {
  CHANNEL_LENGTH_MAX,
  PRESENCE_ID_LENGTH_MAX,
  SOURCE_LENGTH_MAX,
  TOKEN_LENGTH_MAX,
} from "./limits.ts";
import type { WireError } from "./messages.ts";
import type { ClientMessage } from "./requests.ts";

/** What a message turned out to be: one of the protocol, or something to be refused. */
export type Parsed =
  | { readonly kind: "message"; readonly message: ClientMessage }
  | { readonly kind: "refused"; readonly envelope: Envelope; readonly error: WireError };

/** As much of a request as it takes to find it again: what a refusal repeats. */
export type Envelope = Readonly<Record<string, unknown>>;

/** A rule for a field; `code` is of what has the right form, and still does not hold. */
interface Rule {
  readonly holds: (value: unknown) => boolean;
  readonly says: string;
  readonly code: ErrorCode;
}

/** The most characters of a state vector. */
const VECTOR_LENGTH_MAX = 262_144;

const COLLECTION = nameRule(COLLECTION_LENGTH_MAX);
const NAME = nameRule(ID_LENGTH_MAX);
const CHANNEL = nameRule(CHANNEL_LENGTH_MAX);
const PRESENCE_ID = nameRule(PRESENCE_ID_LENGTH_MAX);
const VERSION = rule(isVersion, "a whole number of at least 0");
const NUMBER = VERSION;
const TIME = rule(Number.isFinite, "a number");
const SOURCE = rule(isSource, `1 to ${SOURCE_LENGTH_MAX} visible ASCII characters`);
const MARK = rule((value) => isText(value, 128), "text of at most 128 characters");
const VECTOR = rule(
  (value) => isText(value, VECTOR_LENGTH_MAX),
  `text of at most ${VECTOR_LENGTH_MAX} characters`,
);
const TOKEN = rule(
  (value) => isText(value, TOKEN_LENGTH_MAX),
  `text of at most ${TOKEN_LENGTH_MAX} characters`,
);
const ID_OR_NONE = rule((value) => isText(value, ID_LENGTH_MAX), "text");
const PROTOCOL = rule(
  (value) => typeof value === "number" || isText(value, 16),
  "a number",
);
const OBJECT = rule(isJsonObject, "an object");
const NAMES = rule(
  (value) => Array.isArray(value) && value.every((id) => isName(id)),
  "a list of ids",
);
const NAMES_OR_VERSIONS = rule(
  (value) => NAMES.holds(value) || isMapOf(value, isVersion),
  "a list of ids, or versions by id",
);
const MARKS = rule((value) => isMapOf(value, MARK.holds), "texts by id");
const RESULTS = rule(
  (value) => Array.isArray(value) && value.length <= RESULTS_MAX && value.every(isResult),
  `a list of at most ${RESULTS_MAX} ids and versions`,
);

/** Rules by field; a field in `needs` must be there, one in `may` may be left out or null. */
interface Form {
  readonly needs: Readonly<Record<string, Rule>>;
  readonly may: Readonly<Record<string, Rule>>;
}

/** A form as it is gone through for every message. */
type FieldRule = readonly [field: string, rule: Rule, isNeeded: boolean];

const DOCUMENT = { c: COLLECTION, d: NAME };
const BASE = { v: VERSION, e: MARK, g: MARK };
const QUERY: Form = { needs: { id: NUMBER, c: COLLECTION }, may: { o: OBJECT, r: RESULTS } };
const ROOM: Form = { needs: { ch: CHANNEL, seq: NUMBER }, may: {} };
const HISTORY: Form = { needs: { id: NUMBER, ...DOCUMENT }, may: { v: VERSION, ts: TIME } };
const READ: Form = { needs: DOCUMENT, may: { ...BASE, sv: VECTOR } };
const BULK_READ: Form = {
  needs: { c: COLLECTION, b: NAMES_OR_VERSIONS },
  may: { e: MARKS, g: MARKS },
};

const FORMS: ReadonlyMap<unknown, readonly FieldRule[]> = new Map(([
  ["hs", {
    needs: {},
    may: {
      id: ID_OR_NONE,
      protocol: PROTOCOL,
      protocolMinor: PROTOCOL,
      token: TOKEN,
      holdfast: NUMBER,
    },
  }],
  ["f", READ],
  ["s", READ],
  ["u", { needs: DOCUMENT, may: {} }],
  ["bf", BULK_READ],
  ["bs", BULK_READ],
  ["bu", { needs: { c: COLLECTION, b: NAMES }, may: {} }],
  ["op", { needs: { ...DOCUMENT, seq: NUMBER }, may: { ...BASE, src: SOURCE, x: OBJECT } }],
  ["qf", QUERY],
  ["qs", QUERY],
  ["qu", { needs: { id: NUMBER }, may: {} }],
  ["nf", HISTORY],
  ["nt", HISTORY],
  ["ps", ROOM],
  ["pu", ROOM],
  ["p", {
    needs: { ch: CHANNEL, id: PRESENCE_ID, pv: NUMBER },
    may: { c: COLLECTION, d: NAME, v: VERSION, t: ID_OR_NONE },
  }],
  ["pr", { needs: { ch: CHANNEL }, may: {} }],
  ["pp", { needs: {}, may: {} }],
] satisfies [string, Form][]).map(([action, form]) => [action, fieldRules(form)]));

/** A value from a socket as a message of a client. `bulkMax` is the most documents that one may name. */
export function parseClientMessage(value: unknown, bulkMax: number): Parsed {
  if (!isJsonObject(value)) return refused({}, "it must be an object", "ERR_MESSAGE_BADLY_FORMED");
  const form = FORMS.get(own(value, "a"));
  if (form === undefined) {
    const says = "a must name an action of the protocol";
    return refused(envelopeOf(value), says, "ERR_MESSAGE_BADLY_FORMED");
  }
  const wrong = firstWrong(value, form);
  if (wrong !== undefined) return refused(envelopeOf(value), ...wrong);
  const bulk = own(value, "b");
  if (bulk !== undefined && Object.keys(Object(bulk)).length > bulkMax) {
    return refused({ a: value.a }, `one message may name ${bulkMax} documents`, "ERR_LIMIT");
  }
  // The forms are those of the messages; what they do not name is looked at by whom it is for.
  return { kind: "message", message: value as unknown as ClientMessage };
}

/** As much of a request as a refusal repeats. */
export function envelopeOf(request: JsonObject | ClientMessage): Envelope {
  const envelope: Record<string, unknown> = {};
  // A message is a JSON object, whatever its type says.
  const value = request as JsonObject;
  for (const field of ["a", "c", "d", "b", "ch", "id", "src", "seq", "v", "n"]) {
    const found = own(value, field);
    if (isRepeatable(field, found)) envelope[field] = found;
  }
  return envelope;
}

function isRepeatable(field: string, value: unknown): boolean {
  if (field === "b") return NAMES_OR_VERSIONS.holds(value);
  return typeof value === "number" || (typeof value === "string" && value.length <= 256);
}

function firstWrong(
  value: JsonObject,
  form: readonly FieldRule[],
): readonly [rule: string, code: ErrorCode] | undefined {
  for (const [field, { holds, says, code }, isNeeded] of form) {
    const found = own(value, field);
    const isLeftOut = !isNeeded && (found === undefined || found === null);
    if (!isLeftOut && !holds(found)) return [`${field} must be ${says}`, codeOf(found, code)];
  }
  const n = own(value, "n");
  if (n === undefined || isVersion(n)) return undefined;
  return ["n must be a whole number", "ERR_MESSAGE_BADLY_FORMED"];
}

function fieldRules({ needs, may }: Form): readonly FieldRule[] {
  return [
    ...Object.entries(needs).map(([field, rule]): FieldRule => [field, rule, true]),
    ...Object.entries(may).map(([field, rule]): FieldRule => [field, rule, false]),
  ];
}

function codeOf(value: unknown, code: ErrorCode): ErrorCode {
  return typeof value === "string" ? code : "ERR_MESSAGE_BADLY_FORMED";
}

function refused(envelope: Envelope, says: string, code: ErrorCode): Parsed {
  return {
    kind: "refused",
    envelope,
    error: { code, message: `Cannot take the message as ${says}` },
  };
}

function rule(holds: (value: unknown) => boolean, says: string): Rule {
  return { holds, says, code: "ERR_MESSAGE_BADLY_FORMED" };
}

function nameRule(lengthMax: number): Rule {
  return {
    holds: (value) => isName(value, lengthMax),
    says: `1 to ${lengthMax} characters, none of control, and no name that every object has`,
    code: "ERR_INVALID_ID",
  };
}

function own(value: JsonObject, field: string): unknown {
  const found = value[field];
  return found === undefined || Object.hasOwn(value, field) ? found : undefined;
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isSource(value: unknown): boolean {
  return typeof value === "string" && value.length <= SOURCE_LENGTH_MAX &&
    /^[\x21-\x7e]+$/.test(value);
}

function isText(value: unknown, lengthMax: number): boolean {
  return typeof value === "string" && value.length <= lengthMax;
}

function isMapOf(value: unknown, holds: (value: unknown) => boolean): boolean {
  return isJsonObject(value) &&
    Object.entries(value).every(([id, found]) => isName(id) && (found === null || holds(found)));
}

function isResult(value: unknown): boolean {
  return Array.isArray(value) && isName(value[0]) &&
    (value[1] === null || value[1] === undefined || isVersion(value[1])) &&
    value.slice(2).every((mark) => MARK.holds(mark));
}
