/**
 * Deliveries: whole records that a system sends us and that cannot be asked for again, over HTTP or
 * as files in a folder. Unlike a notification, which names keys to be read, a delivery is all there
 * is; so it is acknowledged only when its records are in the journal.
 */
import type { Page } from './connector.js';
import { HeadraceError } from './errors.js';
import type { SignatureSpec } from './webhook.js';

/** One record of a delivery. */
export interface ReceivedRecord {
  readonly stream: string;
  /** The record as JSON in UTF-8; of one that is refused, the bytes as they came. */
  readonly bytes: Uint8Array;
  /** Why it cannot be used: it goes to quarantine with its bytes, and its neighbours go on. */
  readonly refused?: {
    /** A code of docs/reference/errors.md. */
    readonly code: string;
    /** Says what is wrong without showing content. */
    readonly message: string;
  };
}

export interface ReceiveSpec<Config> {
  readonly signature: SignatureSpec;
  /** How deliveries are signed where the settings say otherwise, or null. */
  signatureOf?(config: Config): SignatureSpec | null;
  /** The shared secrets; the first signs, all verify (rotation). */
  secrets(config: Config): readonly string[];
  /** Most bytes of one delivery. */
  readonly bytesMax: number;
  /** The folder files are dropped into, as the settings name it, or null. */
  folderOf?(config: Config): string | null;
  /** How names of files end that are deliveries, in lower case: `['.xml']`. Others are left alone. */
  readonly fileEndings?: readonly string[];
  /**
   * Takes a delivery apart. Pure, and called with verified bytes only; the same bytes give the same
   * records, so that a delivery sent twice is one. A delivery of which nothing can be used is
   * refused as a whole when all of its records are.
   *
   * @throws `contract` when it cannot be read at all: nothing of it is kept, and the sender is told.
   */
  parse(body: Uint8Array, config: Config): readonly ReceivedRecord[];
}

/** `read` of a stream whose feed is `delivery`: there is nothing to ask. */
export function notReadable(): Promise<Page> {
  return Promise.reject(
    new HeadraceError('config', 'This stream is sent to us; it cannot be read.', {
      code: 'E_DELIVERED',
      hint: 'Send to POST /v1/deliveries/{source}, or put a file into the folder of the source.',
    }),
  );
}
