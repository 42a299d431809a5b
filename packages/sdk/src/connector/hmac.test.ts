import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hmacSha256, prepareHmacKey } from './hmac.js';

it('equals the HMAC of the platform for every key and message', () => {
  const part = fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.array(part), (key, parts) => {
      const expected = createHmac('sha256', key);
      for (const each of parts) expected.update(each);
      expect(hmacSha256(prepareHmacKey(key), parts, 'hex')).toBe(expected.digest('hex'));
    }),
  );
});

it.each([0, 1, 16_383, 16_384, 16_385, 100_000])('signs a message of %i bytes', (size) => {
  const bytes = Buffer.alloc(size, 'é');
  const expected = createHmac('sha256', 'key').update(bytes).digest('base64');
  expect(hmacSha256(prepareHmacKey(Buffer.from('key')), [bytes], 'base64')).toBe(expected);
});
