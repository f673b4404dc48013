/**
 * Events of AWS Lambda's function URLs, version 2.0: what of them an HTTP request is made of.
 *
 * @module
 */

/** A request. */
export interface LambdaEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly requestContext: {
    readonly domainName: string;
    readonly http: { readonly method: string };
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** An answer. */
export interface LambdaResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}
