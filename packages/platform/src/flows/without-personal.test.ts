import { HeadraceError } from '@headrace/sdk';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { errorWithoutPersonal, personalTexts, withoutPersonal } from './without-personal.js';

const opened = {
  email: 'Ada+1@example.com',
  shipTo: { givenName: 'Ada', familyName: 'de Müller (sr.)', country: 'NL', street: 'Dam 1' },
};

it('leaves out what a system repeats of a person, however it writes it', () => {
  const texts = personalTexts(opened);
  const without = (text: string) => withoutPersonal(text, texts);
  expect(without('ada+1@EXAMPLE.com is no mail address in NL')).toBe('… is no mail address in NL');
  expect(without('GET /customer?email=Ada%2B1%40example.com answered 400')).toBe(
    'GET /customer?email=… answered 400',
  );
  expect(without('No street "Dam 1" of ADA, de Müller (sr.)')).toBe('No street "…" of …, …');
  expect(without('Mr Müller is blocked')).toBe('Mr … is blocked');
  expect(without('The order is closed.')).toBe('The order is closed.');
});

it('says the same of a failure as before, but for the person', () => {
  const given = new HeadraceError('rate-limited', 'Wait with Ada+1@example.com.', {
    ...{ code: 'E_RATE_LIMITED', hint: 'Ask Ada.', retryAtMs: 7 },
    context: { where: '/customer/Ada%2B1%40example.com', status: 429 },
  });
  expect(errorWithoutPersonal(given, personalTexts(opened))).toMatchObject({
    ...{ kind: 'rate-limited', code: 'E_RATE_LIMITED', retryAtMs: 7, message: 'Wait with ….' },
    ...{ hint: 'Ask ….', context: { where: '/customer/…', status: 429 } },
  });
});

it('holds for any text, whatever signs it is made of', () => {
  const text = fc.string({ minLength: 4, maxLength: 30 }).map((one) => one.trim());
  fc.assert(
    fc.property(text, fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(secret.length >= 3 && !secret.includes('…'));
      const told = withoutPersonal(`${before}${secret}${after}`, personalTexts({ secret }));
      expect(told.toLowerCase()).not.toContain(secret.toLowerCase());
    }),
  );
});
