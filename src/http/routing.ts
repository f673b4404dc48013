/**
 * Which route a request means: by whole segments of its path, decoded after they are parted.
 *
 * Paths are looked up by the number of their segments and the first of them, so that a request is held against the few
 * paths that it may mean, and not against all. Where two paths fit, one that begins with a word wins over one that begins
 * with a name, and the part in front over the one behind.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { Params, Part, Route } from "./part.ts";

/** A path and what is served there. */
interface Path {
  /** The part that it belongs to. */
  readonly part: Part;
  /** It as it was given. */
  readonly text: string;
  /** Its segments: words, and names of what may stand there. */
  readonly segments: readonly { readonly word?: string; readonly name?: string }[];
  /** Its routes by method, HEAD too. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Its methods, for `Allow`. */
  readonly methods: string;
}

/** What a request means. */
export interface Found extends Pick<Path, "part" | "routes" | "methods"> {
  /** The path's named segments, decoded. */
  readonly params: Params;
}

/** Finds what a request means among the routes of all parts. */
export class Router {
  readonly #basePath: string;
  readonly #paths = new Map<string, readonly Path[]>();

  /**
   * Makes a router of parts in their order.
   *
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if two of them have one path.
   */
  constructor(parts: readonly Part[], basePath: string) {
    this.#basePath = basePath;
    const known = new Set<string>();
    for (const path of parts.flatMap(pathsOf)) {
      const [first] = path.segments;
      if (known.has(path.text)) {
        throw new ArgumentError(
          "ERR_INVALID_ARGUMENT",
          `Cannot create a handler as a path must belong to one part: two have ${path.text}`,
        );
      }
      known.add(path.text);
      const key = keyOf(path.segments.length, first?.word);
      this.#paths.set(key, [...this.#paths.get(key) ?? [], path]);
    }
  }

  /** What a request means; `undefined` if there is no such path, `"malformed"` if it is none that can be decoded. */
  find(url: string): Found | "malformed" | undefined {
    const path = pathOf(url);
    if (!path.startsWith(this.#basePath)) return undefined;
    const rest = path.slice(this.#basePath.length);
    if (!rest.startsWith("/")) return undefined;
    const segments = decoded(rest.slice(1).split("/"));
    if (segments === undefined) return "malformed";
    for (const word of [segments[0], undefined]) {
      for (const candidate of this.#paths.get(keyOf(segments.length, word)) ?? []) {
        const params = paramsOf(candidate, segments);
        if (params === undefined) continue;
        const { part, routes, methods } = candidate;
        return { part, routes, methods, params };
      }
    }
    return undefined;
  }
}

/** The path of a request's URL, which its host has normalised. */
function pathOf(url: string): string {
  const rest = url.slice(url.indexOf("/", url.indexOf("://") + 3));
  const end = rest.search(/[?#]/);
  return end < 0 ? rest : rest.slice(0, end);
}

function pathsOf(part: Part): readonly Path[] {
  const texts = new Set((part.routes ?? []).map(({ path }) => path));
  return [...texts].map((text) => {
    const own = part.routes?.filter(({ path }) => path === text) ?? [];
    const routes = new Map<string, Route>(own.map((route) => [route.method, route]));
    const get = routes.get("GET");
    // HEAD is a GET whose body nobody wants.
    if (get !== undefined) routes.set("HEAD", get);
    const segments = text.slice(1).split("/").map((segment) => {
      const [, name] = /^\{(\w+)\}$/.exec(segment) ?? [];
      return name === undefined ? { word: segment } : { name };
    });
    return { part, text, segments, routes, methods: [...routes.keys(), "OPTIONS"].join(", ") };
  });
}

function paramsOf({ segments: wanted }: Path, segments: readonly string[]): Params | undefined {
  const params: Record<string, string> = {};
  for (const [at, { word, name }] of wanted.entries()) {
    const segment = segments[at] ?? "";
    if (name === undefined ? word !== segment : segment === "") return undefined;
    if (name !== undefined) params[name] = segment;
  }
  return params;
}

function keyOf(count: number, word: string | undefined): string {
  return word === undefined ? `${count}` : `${count}/${word}`;
}

function decoded(segments: readonly string[]): readonly string[] | undefined {
  try {
    return segments.map((segment) => segment.includes("%") ? decodeURIComponent(segment) : segment);
  } catch {
    // A lone "%", or bytes that are no UTF-8.
    return undefined;
  }
}
