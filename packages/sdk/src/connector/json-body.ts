import type { InboundRequest, Json } from './connector.js';

/** Holds nothing: an entry goes with its request. */
const bodies = new WeakMap<InboundRequest, { readonly value: Json | undefined }>();

/**
 * The JSON a webhook carries, undefined when it is none. Signature and notification are often read
 * from the same body; it is parsed once. Shared, so read only.
 */
export function jsonBody(request: InboundRequest): Json | undefined {
  const known = bodies.get(request);
  if (known !== undefined) return known.value;
  const value = parse(request.body);
  bodies.set(request, { value });
  return value;
}

function parse(body: Uint8Array): Json | undefined {
  const { buffer, byteOffset, byteLength } = body;
  try {
    return JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}
