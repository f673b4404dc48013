/**
 * The memory driver's door.
 *
 * @module
 */

export {};
