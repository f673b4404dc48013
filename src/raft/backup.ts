/**
 * Backups: the state of a node as a stream of bytes, and a new cluster from one.
 *
 * A backup is a line of JSON that says what it is, the state, and a checksum of both. It is read to its end and checked
 * before anything is written.
 *
 * @module
 */

import { joined } from "../bytes.ts";
import { ArgumentError, checkOptions, HoldfastError } from "../errors.ts";
import { isJsonObject, parseJson } from "../json.ts";
import { randomToken } from "../random.ts";
import { crc32 } from "./checksum.ts";
import { simpleMembership } from "./core/membership.ts";
import type { SnapshotMeta } from "./core/message.ts";
import type { BackupProgress } from "./node_face.ts";
import { FIRST_INCARNATION } from "./node_settings.ts";
import { type RaftBackend, SNAPSHOT_BYTES_MAX, type StoreAnswer } from "./port.ts";

const FORMAT = "holdfast-raft-backup";
const VERSION = 1;
const PIECE_BYTES = 512 * 1024;
const CHECKSUM_BYTES = 4;

interface Header {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly namespace: string;
  readonly index: number;
  readonly term: number;
  readonly timeMs: number;
  readonly sizeBytes: number;
}

/** A state as a stream of bytes. */
export function backupStream(
  { index, term, timeMs }: SnapshotMeta,
  state: Uint8Array,
  { namespace, onProgress }: {
    readonly namespace: string;
    readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  },
): ReadableStream<Uint8Array> {
  const totalBytes = state.length;
  const header: Header = {
    format: FORMAT,
    version: VERSION,
    namespace,
    index,
    term,
    timeMs,
    sizeBytes: totalBytes,
  };
  const head = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  let checksum = crc32(head);
  let doneBytes = 0;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(head);
    },
    pull(controller) {
      const piece = state.slice(doneBytes, doneBytes + PIECE_BYTES);
      if (piece.length > 0) {
        checksum = crc32(piece, checksum);
        doneBytes += piece.length;
        controller.enqueue(piece);
        onProgress?.({ doneBytes, totalBytes });
      }
      if (doneBytes < totalBytes) return;
      const end = new Uint8Array(CHECKSUM_BYTES);
      new DataView(end.buffer).setUint32(0, checksum);
      controller.enqueue(end);
      controller.close();
    },
  });
}

/** Options of {@linkcode restoreBackup}. */
export interface RestoreOptions {
  /** The node that begins the new cluster. */
  readonly url: string;
  /** The new cluster's name; `"raft"` by default. */
  readonly namespace?: string;
  /** Called as it goes on. */
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Ends the waiting when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Puts a backup into the empty store of a node, which then begins a cluster of its own with that state: start it without
 * `cluster`, and have it join others.
 *
 * @throws {HoldfastError} `ERR_CHECKSUM` if the bytes are damaged, `ERR_MALFORMED` if they are no backup, `ERR_EXISTS`
 * if the store is not empty. Nothing is restored then.
 */
export async function restoreBackup(
  backend: RaftBackend,
  source: ReadableStream<Uint8Array>,
  options: RestoreOptions,
): Promise<{ readonly index: number; readonly sizeBytes: number }> {
  checkOptions("restore a backup", options, ["url", "namespace", "onProgress", "signal"]);
  const { url, namespace = "raft", onProgress, signal } = options;
  if (typeof url !== "string" || url === "") {
    throw new ArgumentError("ERR_INVALID_OPTION", "Cannot restore a backup as url must be a URL");
  }
  const { header, state } = await readBackup(source, signal);
  const { index, term, timeMs } = header;
  const membership = simpleMembership([{ id: url, incarnation: FIRST_INCARNATION }]);
  const snapshot: SnapshotMeta = { index, term, timeMs, membership };
  await writeState(backend, { namespace, id: url }, snapshot, state, { onProgress, signal });
  return { index, sizeBytes: state.length };
}

async function writeState(
  { raft, random }: RaftBackend,
  node: { readonly namespace: string; readonly id: string },
  snapshot: SnapshotMeta,
  state: Uint8Array,
  { onProgress, signal }: {
    readonly onProgress: RestoreOptions["onProgress"] | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const owner = randomToken(random);
  const order = { owner, incarnation: FIRST_INCARNATION, bytesMax: 1 };
  const { epoch, lastIndex, hardState } = await raft.open(node, order, { signal });
  if (lastIndex > 0 || hardState.term > 0) {
    throw new HoldfastError("ERR_EXISTS", "Cannot restore a backup as the store must be empty");
  }
  let operation = 0;
  const proof = () => ({ owner, epoch, operation: ++operation });
  const vote = {
    hardState: { term: snapshot.term, vote: undefined },
    commit: 0,
    append: undefined,
  };
  mustBeDone(await raft.save(node, proof(), vote, { signal }));
  const totalBytes = state.length;
  for (let offset = 0; offset === 0 || offset < totalBytes; offset += PIECE_BYTES) {
    const data = state.subarray(offset, offset + PIECE_BYTES);
    mustBeDone(await raft.stage(node, proof(), { snapshot, offset, data }, { signal }));
    onProgress?.({ doneBytes: offset + data.length, totalBytes });
  }
  const publication = { snapshot, sizeBytes: totalBytes, keepAfter: undefined };
  mustBeDone(await raft.publish(node, proof(), publication, { signal }));
}

function mustBeDone({ kind }: StoreAnswer): void {
  if (kind === "done") return;
  throw new HoldfastError("ERR_FENCED", "Cannot go on as another process has opened the store");
}

async function readBackup(
  source: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<{ header: Header; state: Uint8Array }> {
  const all = await readAll(source, signal);
  const end = all.length - CHECKSUM_BYTES;
  const lineEnd = all.indexOf(10);
  if (lineEnd < 0 || lineEnd >= end) throw damaged();
  const expected = new DataView(all.buffer, all.byteOffset + end).getUint32(0);
  if (crc32(all.subarray(0, end)) !== expected) throw damaged();
  const said = parseJson(new TextDecoder().decode(all.subarray(0, lineEnd)), "a backup");
  const state = all.slice(lineEnd + 1, end);
  if (!isHeader(said) || said.sizeBytes !== state.length) {
    throw new HoldfastError("ERR_MALFORMED", "Cannot restore a backup as it is of another form");
  }
  return { header: said, state };
}

async function readAll(
  source: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = source.getReader();
  for (;;) {
    signal?.throwIfAborted();
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > SNAPSHOT_BYTES_MAX + 64 * 1024) {
      await reader.cancel();
      throw new HoldfastError("ERR_TOO_LARGE", "Cannot restore a backup as it is too long");
    }
    chunks.push(value);
  }
  return joined(chunks, length);
}

function isHeader(value: unknown): value is Header {
  if (!isJsonObject(value) || value.format !== FORMAT || value.version !== VERSION) return false;
  const { index, term, timeMs, sizeBytes } = value;
  return [index, term, timeMs, sizeBytes].every((number) => Number.isSafeInteger(number)) &&
    Number(index) > 0 && Number(term) > 0 && Number(timeMs) >= 0;
}

function damaged(): HoldfastError {
  return new HoldfastError(
    "ERR_CHECKSUM",
    "Cannot restore a backup as its bytes do not match their checksum",
  );
}
