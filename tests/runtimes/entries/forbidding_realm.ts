/**
 * A realm where reading the time, setting a timer, rolling dice and going out throw: it imports the module that it is
 * told and answers whether that went without.
 *
 * @module
 */

const FORBIDDEN = "forbidden at module scope";

function forbid(): never {
  throw new Error(FORBIDDEN);
}

/** Dates of a given moment are values and stay; only the present one is forbidden. */
function dateOf(real: DateConstructor): DateConstructor {
  return new Proxy(real, {
    apply: forbid,
    construct: (target, given, newTarget) =>
      given.length === 0 ? forbid() : Reflect.construct(target, given, newTarget),
    get: (target, name) => name === "now" ? forbid : Reflect.get(target, name),
  });
}

addEventListener("message", async (event) => {
  // The test sends the module's address and nothing else.
  const module = String((event as MessageEvent<unknown>).data);
  const answer = (text: string) =>
    Reflect.apply(Reflect.get(globalThis, "postMessage"), null, [text]);
  forbidAll();
  try {
    await import(module);
    answer("imported");
  } catch (error) {
    // Whatever importing threw is the answer.
    answer(error instanceof Error ? error.message : String(error));
  }
});

function forbidAll(): void {
  const network = ["fetch", "WebSocket", "EventSource", "BroadcastChannel"];
  for (const name of ["setTimeout", "setInterval", "queueMicrotask", ...network]) {
    Reflect.set(globalThis, name, forbid);
  }
  Reflect.set(globalThis, "Date", dateOf(Date));
  Reflect.set(Math, "random", forbid);
  Reflect.set(performance, "now", forbid);
  Reflect.set(AbortSignal, "timeout", forbid);
  Reflect.set(crypto, "getRandomValues", forbid);
  Reflect.set(crypto, "randomUUID", forbid);
  Reflect.set(crypto.subtle, "digest", forbid);
}
