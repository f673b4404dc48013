/**
 * Queries over documents: a language, which changes concern a query, and results that stay in order.
 *
 * @module
 */

export * from "./field_index.ts";
export * from "./index_plan.ts";
export * from "./language.ts";
export * from "./reach.ts";
export * from "./sorting.ts";
export * from "./values.ts";
export * from "./window.ts";
