import { describe, expect, it } from 'vitest';
import {
  checkCheckpoint,
  logSigner,
  parseCheckpoint,
  parsePublicKey,
  signerOf,
} from './checkpoint.js';

const seed = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const signer = signerOf(seed);
const head = { size: 3, root: Buffer.alloc(32, 7) };
const { note } = signer.sign(head);
const publicKey = 'headrace/56475aa75463474c+e9b55970+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4';
const published = [
  'headrace/56475aa75463474c',
  '3',
  'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=',
  '',
  '— headrace/56475aa75463474c 6bVZcHia/yWL4AjPSJu0TqEE+0j4lBTTtrIguHhNuXWyVp05AN5xc+Cuo5/tUY2phkfZ2DEVnCbj4WHEtIPaCgC2JAo=',
  '',
].join('\n');

describe('checkpoint', () => {
  it('is the one in docs/journal-format.md', () => {
    expect(signer.publicKey).toBe(publicKey);
    expect(note).toBe(published);
  });

  it('comes back from its note under its key', () => {
    const checkpoint = checkCheckpoint(note, signer.publicKey);
    expect(checkpoint).toEqual({ origin: signer.origin, ...head, note });
    expect(parsePublicKey(`${signer.publicKey}\n`).name).toBe(signer.origin);
  });

  it('holds with the signatures of others beside it', () => {
    const other = signerOf(Buffer.alloc(32, 9)).sign(head).note.split('\n').at(-2);
    expect(checkCheckpoint(`${note}${other}\n`, signer.publicKey).size).toBe(3);
  });

  it('does not hold under another key, nor with any sign of it changed', () => {
    expect(() => checkCheckpoint(note, signerOf(Buffer.alloc(32, 9)).publicKey)).toThrow(
      'It is of the log',
    );
    for (let at = 0; at < note.length - 1; at += 1) {
      const bent = note.slice(0, at) + (note[at] === 'A' ? 'B' : 'A') + note.slice(at + 1);
      expect(() => checkCheckpoint(bent, signer.publicKey), `sign ${at}`).toThrow('not hold');
    }
    expect(() => parseCheckpoint('headrace/x\n03\nAA==\n\n— x y\n')).toThrow('size and a root');
  });

  it('is signed with another key for each store and master key', () => {
    const keys = [1, 2].flatMap((master) =>
      [3, 4].map((store) => logSigner(Buffer.alloc(32, master), Buffer.alloc(32, store)).publicKey),
    );
    expect(new Set(keys).size).toBe(4);
  });

  it.each(['', 'headrace/x', 'headrace/x+00000000+AQ==', signer.publicKey.replace('+', '+0')])(
    'takes no %s for a key',
    (text) => expect(() => parsePublicKey(text)).toThrow('not a public key'),
  );
});
