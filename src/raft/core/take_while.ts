/**
 * Lists that are filled at their end and emptied from their front.
 *
 * @module
 */

/** Takes from the front of a list what fits, up to the first item that does not. */
export function takeWhile<Item>(list: Item[], fits: (item: Item) => boolean): readonly Item[] {
  let count = 0;
  for (const item of list) {
    if (!fits(item)) break;
    count++;
  }
  return count === 0 ? [] : list.splice(0, count);
}
