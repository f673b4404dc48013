/**
 * A gateway on a free port of this machine, in front of a test's own Redis.
 *
 * @module
 */

import {
  createGateway,
  type GatewayCounters,
  type GatewayOptions,
  serveGateway,
} from "../../../adapters/gateway/mod.ts";

/** The token of every gateway of a test, unless it says otherwise. */
export const GATEWAY_TOKEN = "token-of-the-tests";

/** A gateway that is listening. */
export interface TestGateway extends AsyncDisposable {
  /** Its address: `http://127.0.0.1:port`. */
  readonly url: string;
  /** The token that opens everything. */
  readonly token: string;
  /** What it has counted so far. */
  counters(): GatewayCounters;
  /** Stops it before the test ends. */
  stop(): Promise<void>;
}

/** Serves a gateway. Stop it with `await using`. */
export async function startGateway(
  redis: { readonly url: string },
  options: Partial<GatewayOptions> = {},
): Promise<TestGateway> {
  const { token = GATEWAY_TOKEN } = options;
  const gateway = createGateway({ ...options, redis: redis.url, token });
  await gateway.ready();
  const served = await serveGateway(gateway, { port: 0 });
  return {
    url: served.url,
    token,
    counters: () => gateway.counters(),
    stop: () => served.stop(),
    [Symbol.asyncDispose]: () => served.stop(),
  };
}
