/**
 * One fetch handler for every part, on every host.
 *
 * @module
 */

export * from "./handler.ts";
export * from "./serve_cache.ts";
