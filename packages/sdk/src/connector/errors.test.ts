import { describe, expect, it } from 'vitest';
import { errorFromStatus } from './errors.js';

const thrown = (status: number, reason: string | null) =>
  errorFromStatus(status, {}, 'GET /orders', 0, reason);

describe('an error of an answer', () => {
  it('ends with what the system itself says', () => {
    expect(thrown(400, 'Property Fit not found.').message).toBe(
      'GET /orders answered 400: Property Fit not found.',
    );
    expect(thrown(403, 'No authorization').message).toBe(
      'GET /orders refused our credentials with 403: No authorization.',
    );
    expect(thrown(503, null).message).toBe('GET /orders answered 503.');
  });

  it('keeps a long reason to one short line', () => {
    const { message } = thrown(500, `first\u001b[31m\nsecond ${'x'.repeat(500)}`);
    expect(message).toMatch(/^GET \/orders answered 500: first \[31m second x+…\.$/);
    expect(message.length).toBeLessThan(260);
  });
});
