/**
 * Nodes that reach each other by TCP: one code for Deno, Node and Bun.
 *
 * A URL says how messages are written: `tcp://host:port` in the library's own form, `tcp+msgpack://host:port` in
 * MessagePack, as the ancestor did. Each node dials the others to send, and is dialled to receive; snapshots have a
 * connection of their own, so that they hold up no heartbeat.
 *
 * @module
 */

export type { LinkOptions } from "../../src/raft/transport/links.ts";
export type * from "../../src/raft/transport/port.ts";
export { tcp, type TcpOptions } from "./tcp.ts";
