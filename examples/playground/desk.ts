/**
 * The desk: a letter and a sketch that everybody edits at once.
 *
 * @module
 */

import { HoldfastError } from "@holdfast/holdfast";
import {
  type AccessRequest,
  createDocuments,
  type Documents,
  type DocumentsBackend,
} from "@holdfast/holdfast/documents";
import { DESK, ROOMS } from "./wire.ts";

const { collection, letter, sketch } = DESK;
const CHANNELS: readonly string[] = [
  ...Object.values(ROOMS),
  `${collection}.${letter}`,
  `${collection}.${sketch}`,
];

const FIRST_LETTER = `Dear reader,

open this page in a second window, and write here in both.

Every letter travels as an operation. Two that were made at the same moment are led past each other, so that both windows end with the same text.`;

/** Makes the documents; `secret` is the same for every process that serves them. */
export async function createDesk(backend: DocumentsBackend, secret: string): Promise<Documents> {
  const documents = createDocuments(backend, { secret, authenticate, authorize });
  await begin(documents, letter, { type: "text", data: FIRST_LETTER });
  await begin(documents, sketch, { data: { strokes: {} } });
  return documents;
}

/** Everybody who comes from a page of this very server; pages of others cannot open a socket in somebody's name. */
function authenticate({ request }: { readonly request: Request | undefined }): string | undefined {
  const origin = request?.headers.get("origin");
  const isOwn = origin === undefined || origin === null ||
    new URL(origin).host === request?.headers.get("host");
  return isOwn ? "" : undefined;
}

/** The two documents may be read and edited, and no others made. */
function authorize({ action, collection: name, id, change }: AccessRequest): boolean {
  if (action === "presence") return name === collection || CHANNELS.includes(name);
  if (action === "query" || name !== collection) return false;
  return (id === letter || id === sketch) && (change === undefined || change.kind === "op");
}

async function begin(
  documents: Documents,
  id: string,
  create: { readonly type?: string; readonly data: string | { readonly strokes: object } },
): Promise<void> {
  try {
    await documents.submit(collection, id, { create, version: 0 });
  } catch (error) {
    // An earlier process began it.
    if (!HoldfastError.is(error, "ERR_DOC_ALREADY_CREATED")) throw error;
  }
}
