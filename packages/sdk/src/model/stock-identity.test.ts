import { describe, expect, it } from 'vitest';
import { pieces } from './quantity.js';
import { availableStock } from './stock-identity.js';

describe('availableStock', () => {
  it('takes off all that is held', () => {
    const stock = {
      onHand: pieces(20),
      committed: pieces(3),
      safety: pieces(2),
      qualityHold: null,
      damaged: pieces(1),
    };
    expect(availableStock(stock)).toEqual(pieces(14));
    expect(availableStock({ onHand: pieces(1), committed: pieces(4) })).toEqual(pieces(-3));
  });

  it('is not known without onHand', () => {
    expect(availableStock({ committed: pieces(1) })).toBeNull();
    expect(availableStock({ onHand: null })).toBeNull();
  });
});
