import { describe, expect, it } from 'vitest';
import { verifyWebhook } from './verify-webhook.js';
import type { SignatureSpec } from './webhook.js';

const spec: SignatureSpec = {
  scheme: 'token',
  headers: ['authorization'],
  prefix: 'Bearer ',
  encoding: 'hex',
  message: '',
  idHeader: 'ce-id',
};
const verdictOf = (headers: Record<string, string>, secrets: readonly string[]) =>
  verifyWebhook(spec, secrets, { method: 'POST', uri: '/', headers, body: Buffer.from('{}') }, 0);

describe('a shared secret in a header', () => {
  it.each(['Bearer new', 'bearer new', 'Bearer   old '])('is accepted as %j', (authorization) => {
    const headers = { authorization, 'ce-id': 'e1' };
    expect(verdictOf(headers, ['new', 'old'])).toEqual({ ok: true, eventId: 'e1', atMs: null });
  });

  it.each([
    ['another', { authorization: 'Bearer else' }, 'wrong-signature'],
    ['a beginning of it', { authorization: 'Bearer ne' }, 'wrong-signature'],
    ['another scheme', { authorization: 'Basic new' }, 'missing-signature'],
    ['nothing behind the scheme', { authorization: 'Bearer ' }, 'missing-signature'],
    ['no header', {}, 'missing-signature'],
  ])('is refused as %s', (_, headers, reason) => {
    expect(verdictOf(headers as Record<string, string>, ['new'])).toEqual({ ok: false, reason });
  });

  it('lets nobody in where none is set', () => {
    const headers = { authorization: 'Bearer x' };
    expect(verdictOf(headers, [''])).toEqual({ ok: false, reason: 'no-secret' });
    expect(verdictOf(headers, [])).toEqual({ ok: false, reason: 'no-secret' });
  });
});
