/**
 * The cache room's door.
 *
 * @module
 */

export {};
