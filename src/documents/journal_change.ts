/**
 * An entry of a unit's journal: which document grew, from where to where, and by what.
 *
 * As text it is made of parts that a store can join: epoch, versions, the last tag and the id as JSON, then each
 * operation as `op_text.ts` writes it, with tabs between, which JSON never contains. Where the operations are many
 * bytes they are left out, and the reader looks into the document's log.
 *
 * @module
 */

import type { Op } from "./change.ts";
import { parseOps } from "./op_text.ts";
import { JOURNAL_OPS_BYTES_MAX } from "./port.ts";

/** Which document grew, and from where to where. */
export interface JournalPlace {
  /** The document. */
  readonly id: string;
  /** Its epoch. */
  readonly epoch: string;
  /** The version of the first operation. */
  readonly from: number;
  /** The version after the last. */
  readonly to: number;
  /** The tag of the last operation. */
  readonly tag: string;
}

/** What was committed to one document. */
export interface JournalChange extends JournalPlace {
  /** The operations; `undefined` where they are too many bytes to travel. */
  readonly ops: readonly Op[] | undefined;
}

const HEAD = /^([\w.-]{1,160}) (\d{1,16}) (\d{1,16}) ([\w-]{1,64}) ("(?:[^\t]*)")$/;

/** A change as text, with the lines of its operations. */
export function journalText(
  { id, epoch, from, to, tag }: JournalPlace,
  lines: readonly string[],
): string {
  let text = `${epoch} ${from} ${to} ${tag} ${JSON.stringify(id)}`;
  let bytes = 0;
  for (const line of lines) bytes += line.length;
  if (bytes <= JOURNAL_OPS_BYTES_MAX) { for (const line of lines) text += `\t${line}`; }
  return text;
}

/** The change of a text; `undefined` if it is none. One whose operations are spoilt has none. */
export function parseJournalChange(text: string): JournalChange | undefined {
  const place = parseJournalPlace(text);
  if (place === undefined) return undefined;
  const [, ...lines] = text.split("\t");
  const isWhole = lines.length === place.to - place.from;
  return { ...place, ops: isWhole ? parseOps(lines, place.from) : undefined };
}

/** The place of a text's change, for who has the operations. */
export function parseJournalPlace(text: string): JournalPlace | undefined {
  const [, epoch = "", from, to, tag = "", idJson] = HEAD.exec(text.split("\t", 1)[0] ?? "") ?? [];
  const id = idJson === undefined ? undefined : idOf(idJson);
  return id === undefined ? undefined : { id, epoch, from: Number(from), to: Number(to), tag };
}

function idOf(json: string): string | undefined {
  try {
    const id: unknown = JSON.parse(json);
    return typeof id === "string" ? id : undefined;
  } catch {
    // A SyntaxError: the text is none of ours.
    return undefined;
  }
}
