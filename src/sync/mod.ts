/**
 * Sync: upserts and deletes to every browser, with nothing lost. The server's side; `./client` has the other one.
 *
 * What backsync began and others added, and where it is here:
 *
 * | concern | here |
 * |---|---|
 * | acknowledgements | `requests.ts`, `session.ts`: the stored record with its version; sent again under its `tx`, the first answer |
 * | resume | `feed.ts`, `recent.ts`: by cursor, exactly what was missed or a reset; subscribed before the records are read |
 * | order | `lanes.ts`: by the model's sequence, the answer before the echo; between models none |
 * | presence | `rooms.ts`, `room_view.ts`: users, by connection, with expiry by the store's clock |
 * | authentication | `hub.ts`, `credentials.ts`, `tickets.ts`, `origin.ts`: before a connection opens; again by hello |
 * | authorization per model, filters of rows | `caller.ts`, `requests.ts`, `subscription.ts`: reads, writes, live, resumed |
 * | projection of fields | left out: one serialisation serves all; a model of its own for what few may see |
 * | backpressure | `outbox.ts`, `sender.ts`: coalesce, reset, close |
 * | rate limits | `bucket.ts`, `strikes.ts`: per connection and per user |
 * | conflicts | versions, with what is there in the refusal; policies are the client's |
 * | offline queue | the client's; its places are the store's positions (`messages.ts`) |
 * | heartbeats | `session.ts`: pings that carry cursors; silence closes |
 * | reconnection | `hub.ts`: bye with a time to come back; the waits are the client's |
 *
 * @module
 */

export * from "./messages.ts";
export { CATCH_UP_MAX } from "./feed.ts";
export { createSync } from "./hub.ts";
export type * from "./hub_face.ts";
export type {
  SyncAccess,
  SyncBackend,
  SyncCredentials,
  SyncLimits,
  SyncOptions,
  SyncSubject,
} from "./options.ts";
export { TICKET_MS } from "./tickets.ts";
export type { SyncSocket } from "./transport/websocket.ts";
export { BODY_BYTES_MAX } from "./transport/post.ts";
