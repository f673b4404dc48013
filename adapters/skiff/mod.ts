/**
 * Nodes as skiff-redis had them: `new Skiff(url, options)`, with its options, methods and events, over this library's
 * own nodes.
 *
 * @module
 */

export { type Callback, SkiffError } from "./callback.ts";
export * from "./events.ts";
export type { SkiffOptions } from "./options.ts";
export * from "./skiff.ts";
export { type SkiffConnection, type SkiffTransport } from "./transport.ts";
