/**
 * `Deno.test` on Node's test runner, as far as the tests use it: names, options, steps, ignored tests. And `require` for
 * CommonJS packages that were bundled into a module, where Node has none.
 *
 * @module
 */

import { createRequire } from "node:module";
import { test, type TestContext } from "node:test";

interface Steps {
  readonly name: string;
  step(name: string, run: Run): Promise<boolean>;
  step(definition: Definition): Promise<boolean>;
}
type Run = (steps: Steps) => unknown;
interface Definition {
  readonly name: string;
  readonly fn: Run;
  readonly ignore?: boolean;
  readonly only?: boolean;
}
type TestArguments =
  | readonly [Definition]
  | readonly [Run]
  | readonly [string, Run]
  | readonly [Omit<Definition, "fn">, Run]
  | readonly [string, Partial<Definition>, Run];

function registerAs(extra: Partial<Definition>): (...args: TestArguments) => void {
  return (...args) => {
    const { name, fn, ignore = false, only = false } = { ...definitionOf(args), ...extra };
    void test(name, { skip: ignore, ...only ? { only } : {} }, async (context) => {
      await fn(stepsOf(context, name));
    });
  };
}

function definitionOf(args: TestArguments): Definition {
  const [first] = args;
  const options = typeof first === "string"
    ? { name: first }
    : typeof first === "function"
    ? { name: first.name, fn: first }
    : first;
  const middle = typeof args[1] === "object" ? args[1] : {};
  const last = args.at(-1);
  return { ...options, ...middle, ...typeof last === "function" ? { fn: last } : {} } as Definition;
}

function stepsOf(context: TestContext, name: string): Steps {
  const step = async (nameOrStep: string | Definition, run?: Run): Promise<boolean> => {
    const definition = typeof nameOrStep === "string"
      ? { name: nameOrStep, fn: run ?? (() => {}) }
      : nameOrStep;
    let held = true;
    await context.test(definition.name, { skip: definition.ignore ?? false }, async (inner) => {
      try {
        await definition.fn(stepsOf(inner, definition.name));
      } catch (error) {
        // The step tells its test whether it held; the runner tells the rest.
        held = false;
        throw error;
      }
    });
    return held;
  };
  return { name, step };
}

Object.assign(globalThis, {
  require: createRequire(import.meta.url),
  Deno: {
    test: Object.assign(registerAs({}), {
      ignore: registerAs({ ignore: true }),
      only: registerAs({ only: true }),
    }),
  },
});
