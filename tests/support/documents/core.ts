/**
 * Cores and submissions for tests, with everything filled in that a test does not care for.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import type { Change } from "../../../src/documents/change.ts";
import type {
  DocumentCore,
  ReadResult,
  Snapshot,
  Submission,
  SubmitResult,
} from "../../../src/documents/core.ts";
import { documentCore } from "../../../src/documents/document_core.ts";
import type { DocumentsBackend } from "../../../src/documents/port.ts";
import { coreSettings, type CoreSettingsOptions } from "../../../src/documents/settings.ts";
import type { Json } from "../../../src/json.ts";

/** A core on a backend; on a fresh one in memory by default. */
export function coreOn(
  backend: DocumentsBackend = memory(),
  options: CoreSettingsOptions = {},
): DocumentCore {
  return documentCore(backend, coreSettings(options));
}

/** A source of submissions to one document. */
export interface Author {
  /** Submits a change; with the next sequence, unless it says otherwise. */
  submit(change: Change, over?: Partial<Submission>): Promise<SubmitResult>;
  /** Submits an edit of JSON. */
  edit(op: Json, over?: Partial<Submission>): Promise<SubmitResult>;
  /** Submits a creation. */
  create(data: Json | undefined, over?: Partial<Submission>): Promise<SubmitResult>;
}

/** An author of the document `1` of `things`, unless it says otherwise. */
export function author(core: DocumentCore, source: string, id = "1"): Author {
  let sequence = 0;
  const submit: Author["submit"] = (change, over) =>
    core.submit("things", id, { source, sequence: ++sequence, change, ...over });
  return {
    submit,
    edit: (op, over) => submit({ kind: "op", op }, over),
    create: (data, over) => submit({ kind: "create", type: "json", data }, over),
  };
}

/** The document as it is. */
export async function snapshotIn(core: DocumentCore, id = "1"): Promise<Snapshot> {
  const [result] = await core.read("things", [{ id }]);
  return must(result, "snapshot").snapshot;
}

/** A result of this kind, or an error that says which it is. */
export function must<T extends SubmitResult | ReadResult, K extends T["kind"]>(
  result: T | undefined,
  kind: K,
): Extract<T, { readonly kind: K }> {
  if (result?.kind === kind) return result as Extract<T, { readonly kind: K }>;
  const said = result?.kind === "refused" ? `: ${result.error.message}` : "";
  throw new Error(`must be ${kind}, not ${result?.kind}${said}`);
}

/** The code of a refusal. */
export function codeOf(result: SubmitResult | ReadResult | undefined): string {
  return result?.kind === "refused" ? result.error.code : `not refused: ${result?.kind}`;
}
