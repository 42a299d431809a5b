import { describe, expect, it } from 'vitest';
import { canonicalLanguage, isLanguage, lookUpText } from './localized-text.js';

describe('language tags', () => {
  it.each([
    ['nl-nl', 'nl-NL'],
    ['ZH-hant-tw', 'zh-Hant-TW'],
    ['de', 'de'],
  ])('%s is written %s', (tag, canonical) => {
    expect(canonicalLanguage(tag)).toBe(canonical);
  });

  it.each(['nl_NL', '', 'a', 'nl-', 'dutch language'])('%s is none', (tag) => {
    expect(isLanguage(tag)).toBe(false);
  });
});

describe('lookUpText', () => {
  const name = { 'nl-NL': 'Jas', de: 'Jacke', 'fr-FR': 'Veste', 'zh-Hant': '外套' };

  it.each([
    [['nl-NL'], 'Jas'],
    [['nl-nl'], 'Jas'],
    [['de-AT'], 'Jacke'],
    [['nl-BE'], 'Jas'],
    [['es', 'fr'], 'Veste'],
    [['zh-Hant-TW'], '外套'],
    [['zh-Hant-x-shop'], '外套'],
    [['constructor', 'de'], 'Jacke'],
  ])('%s finds %s', (languages, text) => {
    expect(lookUpText(name, languages)?.text).toBe(text);
  });

  it('finds nothing where no language fits', () => {
    expect(lookUpText(name, ['es', 'pt-BR'])).toBeNull();
    expect(lookUpText({}, ['nl'])).toBeNull();
  });

  it('an empty text is a text', () => {
    expect(lookUpText({ nl: '' }, ['nl-NL'])).toEqual({ text: '', language: 'nl' });
  });
});
