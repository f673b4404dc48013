/**
 * Holdfast: state for code that does not stay.
 *
 * @module
 */

export * from "./src/errors.ts";
