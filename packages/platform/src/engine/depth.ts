import { splitPage } from '@headrace/sdk';

const open = Buffer.from('[');
const close = Buffer.from(']');

/** How deep a record nests, found by structure alone, before anything recurses into it. */
export function depthOf(bytes: Uint8Array): number {
  return splitPage(Buffer.concat([open, bytes, close]), []).records[0]?.depth ?? 1;
}
