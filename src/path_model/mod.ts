/**
 * A model of paths over documents.
 *
 * @module
 */

export type { Path, Segments } from "./path.ts";
