/**
 * What one call goes by.
 *
 * @module
 */

import { namespaceEpoch, type NamespacePath, tagEpoch } from "./key.ts";
import type { RequestOptions } from "./options.ts";
import type { Policy } from "./policy.ts";

/** What one call goes by: its policy, the epochs that it reads, and what belongs to its request. */
export interface Plan extends RequestOptions {
  /** The call's own options, and the cache's for the rest. */
  readonly policy: Policy;
  /** The epochs of the namespaces from the outside in, then one per declared tag. */
  readonly epochs: readonly string[];
  /** How many of the epochs are namespaces'. */
  readonly namespaces: number;
}

/** A namespace: where its keys are, and the epochs that its entries live in. */
export interface Namespace {
  /** Its path. */
  readonly path: NamespacePath;
  /** The epochs of all namespaces around it and its own, from the outside in; none where payloads are bare. */
  readonly epochs: readonly string[];
}

/** The namespace that a cache begins with. */
export function rootNamespace(isRaw: boolean): Namespace {
  return { path: "", epochs: isRaw ? [] : [namespaceEpoch("")] };
}

/** A namespace inside another. */
export function innerNamespace({ epochs }: Namespace, path: NamespacePath): Namespace {
  return { path, epochs: epochs.length === 0 ? [] : [...epochs, namespaceEpoch(path)] };
}

/** The plan of a call in a namespace. */
export function planOf(
  { path, epochs }: Namespace,
  policy: Policy,
  { signal, waitUntil }: RequestOptions,
): Plan {
  const tags = policy.tags.map((tag) => tagEpoch(path, tag));
  return { policy, epochs: [...epochs, ...tags], namespaces: epochs.length, signal, waitUntil };
}

/** The tags among the epochs of a plan. */
export function tagsOf({ epochs, namespaces }: Plan): readonly string[] {
  return epochs.slice(namespaces);
}
