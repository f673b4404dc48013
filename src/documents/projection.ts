/**
 * Projections: a collection seen under another name, with some of its fields and no trace of the others.
 *
 * What is told of a document, its data and every operation, is cut down to the fields; what is submitted must keep to them.
 * A projection has the versions, epochs and tags of its collection: an operation on hidden fields is still an operation,
 * with nothing in it. Only documents of JSON can be projected.
 *
 * @module
 */

import { ArgumentError, checkOptions, HoldfastError, shown } from "../errors.ts";
import { isJsonObject, type Json } from "../json.ts";
import { json } from "../ot/mod.ts";
import type { Change, Op } from "./change.ts";
import type { Snapshot } from "./core.ts";
import { checkNames, isName } from "./names.ts";

/** A collection seen under another name. */
export interface ProjectionOptions {
  /** The collection. */
  readonly of: string;
  /** The fields at the root of its documents that are seen. */
  readonly fields: readonly string[];
}

/** A projection, checked. */
export interface Projection {
  /** The collection. */
  readonly of: string;
  /** The fields that are seen. */
  readonly fields: ReadonlySet<string>;
}

/** Projections by name. */
export type Projections = ReadonlyMap<string, Projection>;

/**
 * Projections checked.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`; `ERR_INVALID_ID` for a name that no collection can have.
 */
export function projectionsOf(
  options: Readonly<Record<string, ProjectionOptions>> = {},
  collections: Readonly<Record<string, unknown>> = {},
): Projections {
  checkOptions("create documents", options, Object.keys(options));
  return new Map(
    Object.entries(options).map(([name, own]) => {
      checkNames(name, []);
      checkOptions("project a collection", own, ["of", "fields"]);
      const { of, fields } = own;
      checkNames(of, []);
      if (Object.hasOwn(options, of)) throw refusedOption("of must name a collection itself", of);
      if (Object.hasOwn(collections, name)) {
        throw refusedOption("its name must be no collection's", name);
      }
      if (!Array.isArray(fields) || !fields.every((field) => isName(field))) {
        throw refusedOption("fields must be a list of names", fields);
      }
      return [name, { of, fields: new Set(fields) }];
    }),
  );
}

function refusedOption(rule: string, current: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot project a collection as ${rule}: current value is ${shown(current)}`,
  );
}

/**
 * A document as a projection shows it.
 *
 * @throws {HoldfastError} `ERR_NOT_SUPPORTED` for one that is not of JSON.
 */
export function projectedSnapshot(
  projection: Projection,
  name: string,
  snapshot: Snapshot,
): Snapshot {
  checkProjectable(snapshot.type);
  return { ...snapshot, collection: name, data: projectedData(projection, snapshot.data) };
}

/**
 * Refuses a document of another type than JSON.
 *
 * @throws {HoldfastError} `ERR_NOT_SUPPORTED`.
 */
export function checkProjectable(type: string | undefined): void {
  if (isProjectable(type)) return;
  throw new HoldfastError(
    "ERR_NOT_SUPPORTED",
    "Cannot use the document as one of a projection must be of JSON",
  );
}

/** Whether a document of this type can be shown. */
export function isProjectable(type: string | undefined): boolean {
  return type === undefined || type === json.uri;
}

/** An operation as a projection shows it. */
export function projectedOp(projection: Projection, op: Op): Op {
  // What wrote it wanted to be remembered is no part of the document, and for nobody's eyes here.
  const { fixup: _, meta: __, ...shown } = op;
  switch (shown.kind) {
    case "create": {
      if (shown.type !== json.uri && shown.type !== json.name) return { ...shown, data: null };
      return { ...shown, data: projectedData(projection, shown.data) };
    }
    case "op":
      return { ...shown, op: projectedEdit(projection, shown.op) };
    default:
      return shown;
  }
}

/** An edit of JSON as a projection shows it; of another type, nothing. */
export function projectedEdit(projection: Projection, edit: Json): Json {
  if (!Array.isArray(edit)) return [];
  const components: readonly Json[] = edit;
  return components.flatMap((component): readonly Json[] => {
    if (!isJsonObject(component) || !Array.isArray(component.p)) return [];
    const path: readonly Json[] = component.p;
    if (path.length > 0) return isSeen(projection, path[0]) ? [component] : [];
    const ends = (["od", "oi"] as const).filter((end) => Object.hasOwn(component, end));
    if (ends.length === 0) return [];
    const data = ends.map((end) => [end, projectedData(projection, component[end]) ?? null]);
    return [{ p: [], ...Object.fromEntries(data) }];
  });
}

/**
 * Refuses a change that reaches beyond a projection's fields.
 *
 * @throws {HoldfastError} `ERR_OP_NOT_ALLOWED_IN_PROJECTION`.
 */
export function checkProjected(projection: Projection, change: Change): void {
  if (keepsTo(projection, change)) return;
  throw new HoldfastError(
    "ERR_OP_NOT_ALLOWED_IN_PROJECTION",
    "Cannot submit the operation as it must keep to the fields of the projection",
  );
}

function keepsTo(projection: Projection, change: Change): boolean {
  switch (change.kind) {
    case "op":
      return [change.op].flat().every((component) =>
        isJsonObject(component) && Array.isArray(component.p) &&
        isSeen(projection, component.p[0])
      );
    case "create": {
      const { type, data } = change;
      if (type !== json.uri && type !== json.name) return false;
      if (data === undefined || data === null) return true;
      return isJsonObject(data) && Object.keys(data).every((field) => isSeen(projection, field));
    }
    default:
      return true;
  }
}

/** Data that is no object has no fields, and looks like null. */
function projectedData({ fields }: Projection, data: Json | undefined): Json | undefined {
  if (data === undefined || data === null) return data;
  if (!isJsonObject(data)) return null;
  return Object.fromEntries(
    [...fields].filter((field) => Object.hasOwn(data, field)).map((field) => [
      field,
      data[field] ?? null,
    ]),
  );
}

function isSeen({ fields }: Projection, field: unknown): boolean {
  return typeof field === "string" && fields.has(field);
}
