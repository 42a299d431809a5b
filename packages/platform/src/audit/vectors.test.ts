/**
 * The bytes that `docs/journal-format.md` describes. A change here is a new layout: entries, leaves
 * and sealed parts already written must stay readable and provable.
 */
import type { Random } from '@headrace/sdk';
import { describe, expect, it } from 'vitest';
import { type EntryHeader, encodeHeader } from './entry-header.js';
import { Frontier, leafHash } from './merkle.js';
import { keyedHash, plainHash, seal, subjectHandle, unseal } from './seal.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const key = Buffer.alloc(32, 0x42);
/** Gives 00 01 02 … each time: a nonce must never be chosen like this outside a test vector. */
const counting: Random = {
  next: () => 0,
  bytes: (size) => Uint8Array.from({ length: size }, (_, index) => index),
};

/** Every field present. */
const full: EntryHeader = {
  kind: 'record',
  gone: false,
  snapshot: true,
  imputed: false,
  unreadable: false,
  unnamed: false,
  unmapped: false,
  replayed: false,
  offset: 7,
  previous: 3,
  knownAt: 1_700_000_000_000,
  eventAt: 1_699_999_999_999,
  noticedAt: 1_700_000_000_001,
  readAt: 1_700_000_000_002,
  receivedAt: 1_700_000_000_003,
  readSeq: 42,
  id: Buffer.alloc(16, 0x11),
  hash: Buffer.alloc(16, 0x22),
  subject: Buffer.alloc(16, 0x33),
  source: 'shop',
  stream: 'order',
  key: 'a/1',
  version: '5',
};

/** Everything that can be absent is. */
const bare: EntryHeader = {
  ...full,
  kind: 'tick',
  snapshot: false,
  offset: 0,
  previous: null,
  eventAt: null,
  noticedAt: null,
  readAt: null,
  receivedAt: null,
  readSeq: 0,
  subject: null,
  source: '',
  stream: '',
  key: '',
  version: null,
};

const body = Buffer.from('{"id":"a/1","total":"19.90"}');
const personal = Buffer.from('{"email":"ada@example.com"}');
const about = Buffer.concat([full.id, full.hash]);

describe('test vectors', () => {
  it('header of a record with all fields', () => {
    expect(hex(encodeHeader(full))).toBe(
      '01003200000000000000000700000000000000030000018bcfe568000000018bcfe567ff0000018bcfe568010000018bcfe568020000018bcfe56803000000000000002a11111111111111111111111111111111222222222222222222222222222222223333333333333333333333333333333300040005000000030000000173686f706f72646572612f3135',
    );
  });

  it('header of an entry with none', () => {
    expect(hex(encodeHeader(bare))).toBe(
      '010300000000000000000000ffffffffffffffff0000018bcfe56800ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0000000000000000111111111111111111111111111111112222222222222222222222222222222200000000000000000000000000000000000000000000000000000000',
    );
  });

  it('sealed part under key 42…, nonce 00 01 … 0b', () => {
    const sealed = seal(key, personal, about, counting);
    expect(hex(sealed)).toBe(
      '000102030405060708090a0b7efcf4b0d0459e29a7242577b09d3e4353f0be06c56781867ebb5d242e1ca5160f52c62fd832973531e95d',
    );
    expect(hex(unseal(key, sealed, about))).toBe(hex(personal));
  });

  it('leaf with and without a sealed part', () => {
    const header = encodeHeader(full);
    expect(hex(leafHash(header, body, seal(key, personal, about, counting)))).toBe(
      'cd64db24cf4e5cbde3b2ebc9cce39f3d02b3ba3280bd18e85db32c13d7bed2e5',
    );
    expect(hex(leafHash(header, body, null))).toBe(
      'e9eac841595ff9eca5962737754a9bb079ce1721a64a3cfe689e54f6b899009b',
    );
    expect(hex(leafHash(encodeHeader(bare), Buffer.alloc(0), null))).toBe(
      '858261df02d51f92051a10ffa12070b2b65f415832ab56d465e51049147d304e',
    );
  });

  it('root and frontier of those three leaves', () => {
    const frontier = new Frontier();
    expect(hex(frontier.root())).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    frontier.append(leafHash(encodeHeader(full), body, seal(key, personal, about, counting)));
    frontier.append(leafHash(encodeHeader(full), body, null));
    frontier.append(leafHash(encodeHeader(bare), Buffer.alloc(0), null));
    expect(hex(frontier.root())).toBe(
      'f1007e122c5e944b384428745c963a5a80d91d8fad668d9348df17e972690b9b',
    );
    expect(hex(frontier.encode())).toBe(
      '0000000000000003183a80862e8389df7e637c7320e005c1b367dc84d8510d8c39e47eb2242f2521858261df02d51f92051a10ffa12070b2b65f415832ab56d465e51049147d304e',
    );
  });

  it('pseudonym of person customer-1 of source shop, keyed and plain hashes', () => {
    expect(hex(subjectHandle(key, 'shop', 'customer-1'))).toBe('1e275dc85a18849ef798862a75a1f16f');
    expect(hex(keyedHash(key, 'content'))).toBe('b682ff86e6c7cafbe48698d7f9560c36');
    expect(hex(plainHash('content'))).toBe('ed7002b439e9ac845f22357d822bac14');
  });
});
