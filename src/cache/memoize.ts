/**
 * Functions whose results are kept in a cache, by their arguments.
 *
 * @module
 */

import { checkOptions } from "../errors.ts";
import { argumentsText } from "./arguments.ts";
import type { Cache } from "./face.ts";
import { functionKey } from "./key.ts";
import type { Memoized, MemoizedMany, MemoizeOptions, OfMany } from "./memoized.ts";
import type { EntryOptions, SetOptions } from "./options.ts";
import { KNOWN } from "./policy.ts";

/** Refreshing: nothing that is there is fresh enough, and nobody is content with it meanwhile. */
const ANEW = { maxAge: 0, staleAfter: Infinity } as const;

/** A function that asks the cache first. */
export function memoized<Args extends readonly unknown[], Value>(
  cache: Cache,
  original: (...args: Args) => Value | Promise<Value>,
  options: MemoizeOptions<Args, Value>,
): Memoized<Args, Value> {
  const { name, key: partOf, ...entry } = checked(options);
  const key = (...args: Args): string =>
    functionKey(name, argumentsText(partOf === undefined ? args : [partOf(...args)]));
  const create = async (args: Args, anew: typeof ANEW | undefined): Promise<Value> =>
    await cache.getOrCreate(key(...args), () => original(...args), { ...entry, ...anew });
  return named(original, name, (...args: Args) => create(args, undefined), {
    original,
    key,
    get: async (...args: Args) => await cache.get<Value>(key(...args)),
    set: async (args: Args, value: Value) => await cache.set(key(...args), value, forSet(entry)),
    invalidate: async (...args: Args) => await cache.delete(key(...args)),
    refresh: (...args: Args) => create(args, ANEW),
  });
}

/** A function of many arguments at once that asks the cache first. */
export function memoizedMany<Arg, Value>(
  cache: Cache,
  original: OfMany<Arg, Value>,
  options: MemoizeOptions<[arg: Arg], Value>,
): MemoizedMany<Arg, Value> {
  const { name, key: partOf, ...entry } = checked(options);
  const key = (arg: Arg): string =>
    functionKey(name, argumentsText([partOf === undefined ? arg : partOf(arg)]));
  const create = async (
    args: readonly Arg[],
    anew: typeof ANEW | undefined,
  ): Promise<Map<Arg, Value>> => {
    const byKey = new Map(args.map((arg) => [key(arg), arg]));
    const argOf = (each: string): Arg => byKey.get(each) as Arg;
    const values = await cache.getOrCreateMany<string, Value>(
      [...byKey.keys()],
      async (missing) => {
        const made = await original(missing.map(argOf));
        // A list stands in the order of the missing keys, which is that of their arguments.
        if (!(made instanceof Map)) return made as readonly Value[];
        return new Map(
          missing.filter((each) => made.has(argOf(each))).map((
            each,
          ) => [each, made.get(argOf(each))]),
        );
      },
      { ...entry, ...anew },
    );
    return new Map([...values].map(([each, value]) => [argOf(each), value]));
  };
  return named(original, name, (args: readonly Arg[]) => create(args, undefined), {
    original,
    key,
    get: async (args: readonly Arg[]) => {
      const values = await cache.getMany<Value>(args.map(key));
      const pairs = args.map((arg, i) => [arg, values[i]] as const);
      return new Map(pairs.filter((pair): pair is [Arg, Value] => pair[1] !== undefined));
    },
    set: async (values: ReadonlyMap<Arg, Value>) =>
      await cache.setMany(
        new Map([...values].map(([arg, value]) => [key(arg), value])),
        forSet(entry),
      ),
    invalidate: async (args: readonly Arg[]) => await cache.deleteMany(args.map(key)),
    refresh: (args: readonly Arg[]) => create(args, ANEW),
  });
}

function checked<Options extends { readonly name: string }>(options: Options): Options {
  checkOptions("memoize a function", options, KNOWN.memoize);
  functionKey(options.name, "");
  return options;
}

/** Of the options those that a writing call knows. */
function forSet<Value>(entry: EntryOptions<Value>): SetOptions<Value> {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => KNOWN.set.includes(name)));
}

/** A function with methods, that has its own name and takes as many arguments as the original says. */
function named<Call extends (...args: never) => unknown, Methods>(
  original: (...args: never) => unknown,
  name: string,
  call: Call,
  methods: Methods,
): Call & Methods {
  Object.defineProperties(call, { name: { value: name }, length: { value: original.length } });
  return Object.assign(call, methods);
}
