/**
 * Raft's core alone, for people who bring their own loop: `./consensus/core`.
 *
 * @module
 */

export * from "./membership.ts";
export * from "./message.ts";
export * from "./node.ts";
export * from "./ready.ts";
