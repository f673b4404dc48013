/**
 * Copies of data that is somebody else's.
 *
 * @module
 */

/** A copy of lists and plain objects, many times as fast as a structured clone. Anything else stays what it is. */
export function copied<T>(value: T): T {
  // What is made of each has the shape of what it is made from.
  if (Array.isArray(value)) return value.map(copied) as T;
  if (typeof value !== "object" || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  // As a record, whose every value is copied in turn.
  const copy = { ...value } as Record<string, unknown>;
  for (const key of Object.keys(copy)) {
    const part = copy[key];
    // A property of its own, even if it has the name of the prototype's.
    if (typeof part === "object" && part !== null) copy[key] = copied(part);
  }
  return copy as T;
}
