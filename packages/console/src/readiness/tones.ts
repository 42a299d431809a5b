/** How gates and scores look: a word, a mark and a colour. */
import type { Prediction } from '../client/schema.js';
import type { Tone } from '../parts/stream-state.js';

export const gateTones: Readonly<Record<Prediction['gate'], Tone>> = {
  serve: 'ok',
  'serve-flagged': 'warn',
  fallback: 'warn',
  hold: 'bad',
};

export function inputTone(score: number): { readonly tone: Tone; readonly word: string } {
  if (score === 1) return { tone: 'ok', word: 'whole' };
  return score === 0 ? { tone: 'bad', word: 'not usable' } : { tone: 'warn', word: 'weak' };
}

/** Never rounded up to what it is not: 0.999 is not whole. */
export function scoreText(score: number): string {
  return (Math.floor(score * 100) / 100).toFixed(2);
}
