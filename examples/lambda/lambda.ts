/**
 * The atlas on AWS Lambda, behind a function URL or an HTTP API (events of version 2.0):
 *
 * ```sh
 * deno bundle --output examples/dist/lambda.mjs examples/lambda/lambda.ts
 * ```
 *
 * The shape is driven in Deno and Node, not on Lambda itself. An answer is sent when it is whole: streams of events want
 * `awslambda.streamifyResponse`, which only Lambda has.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import { createApp } from "../atlas/app.ts";
import type { LambdaEvent, LambdaResult } from "./event.ts";

const app = createApp(process.env);

/** What Lambda calls for each event. */
export async function handler(event: LambdaEvent): Promise<LambdaResult> {
  return await resultOf(await app(requestOf(event)));
}

function requestOf(event: LambdaEvent): Request {
  const { rawPath, rawQueryString, headers, cookies = [], body, isBase64Encoded } = event;
  const { domainName, http: { method } } = event.requestContext;
  const query = rawQueryString === "" ? "" : `?${rawQueryString}`;
  const request = new Headers(headers);
  if (cookies.length > 0) request.set("cookie", cookies.join("; "));
  return new Request(`https://${domainName}${rawPath}${query}`, {
    method,
    headers: request,
    ...(body !== undefined && {
      body: isBase64Encoded ? new Uint8Array(Buffer.from(body, "base64")) : body,
    }),
  });
}

async function resultOf(response: Response): Promise<LambdaResult> {
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => name !== "set-cookie"),
  );
  const body = Buffer.from(await response.arrayBuffer());
  return {
    statusCode: response.status,
    headers,
    cookies: response.headers.getSetCookie(),
    body: body.toString("base64"),
    isBase64Encoded: true,
  };
}
