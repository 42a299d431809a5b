/**
 * How a system signs its webhooks; one verifier covers all of them. With the scheme `token`,
 * `encoding` and `message` say nothing.
 */
export interface SignatureSpec {
  /**
   * `hmac`, the default, signs the message. With `token` the header carries the shared secret itself
   * (`Authorization: Bearer …`), for systems that sign nothing: it proves who sends, not what was
   * sent, so it is only as safe as the connection.
   */
  readonly scheme?: 'hmac' | 'token';
  /** Header that carries the signature, in lower case; several for primary and secondary. */
  readonly headers: readonly string[];
  readonly encoding: 'hex' | 'base64';
  /**
   * What is signed; `{body}`, `{timestamp}`, `{id}`, `{method}`, `{uri}`, `{url}` are filled in.
   * `{uri}` is path and query, `{url}` has the origin in front. `{body}` stands for the raw bytes.
   */
  readonly message: string;
  /** Where the sender's time is: a header, a path in the JSON body, or nowhere. */
  readonly timestamp?: { readonly header: string } | { readonly body: readonly string[] };
  readonly timestampUnit?: 'ms' | 's' | 'rfc3339';
  /** Deliveries older or newer than this are refused. */
  readonly toleranceMs?: number;
  /** Header with the delivery's id, for `{id}` and for dedupe. */
  readonly idHeader?: string;
  /** Where the body names the delivery; preferred to the header, since the body is signed. */
  readonly idBody?: readonly string[];
  /**
   * Text before the signature inside the header, such as `v1,`. The header is then read as a list
   * separated by spaces, of which entries with another prefix are passed over.
   */
  readonly prefix?: string;
  /** Standard Webhooks hands out keys as base64, with or without `whsec_` in front. */
  readonly secretEncoding?: 'text' | 'base64';
}
