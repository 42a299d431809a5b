import { badRequest } from './errors.js';

/**
 * Cuts `$filter` and key predicates into tokens, in one pass without backtracking: time grows
 * with the length of the text only, whatever the text is.
 */

export type Token =
  | { readonly kind: 'open' | 'close' | 'comma' | 'equals' | 'end'; readonly at: number }
  /** A name, path, operator or bare literal. */
  | { readonly kind: 'bare'; readonly text: string; readonly at: number }
  /** `'text'`, or `datetime'…'` with its prefix in lower case. */
  | {
      readonly kind: 'quoted';
      readonly prefix: string;
      readonly text: string;
      readonly at: number;
    };

const PUNCTUATION: Readonly<Record<string, 'open' | 'close' | 'comma' | 'equals'>> = {
  '(': 'open',
  ')': 'close',
  ',': 'comma',
  '=': 'equals',
};

const isSpace = (char: string): boolean => char === ' ' || char === '\t';

const isBare = (char: string): boolean =>
  (char >= 'a' && char <= 'z') ||
  (char >= 'A' && char <= 'Z') ||
  (char >= '0' && char <= '9') ||
  char === '_' ||
  char === '.' ||
  char === '/' ||
  char === '-' ||
  char === '+' ||
  char === ':';

export const tokenize = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    const punctuation = PUNCTUATION[char];
    if (isSpace(char)) {
      at++;
    } else if (punctuation !== undefined) {
      tokens.push({ kind: punctuation, at });
      at++;
    } else if (char === "'") {
      at = readQuoted(text, at, at, '', tokens);
    } else if (isBare(char)) {
      at = readBare(text, at, tokens);
    } else {
      throw badRequest(`Invalid token detected at position ${at}`);
    }
  }
  tokens.push({ kind: 'end', at: text.length });
  return tokens;
};

const readBare = (text: string, from: number, tokens: Token[]): number => {
  let at = from + 1;
  while (at < text.length && isBare(text.charAt(at))) at++;
  const word = text.slice(from, at);
  if (text.charAt(at) === "'") return readQuoted(text, from, at, word.toLowerCase(), tokens);
  tokens.push({ kind: 'bare', text: word, at: from });
  return at;
};

/** A quote inside is written twice. Returns the position behind the closing quote. */
const readQuoted = (
  text: string,
  from: number,
  quoteAt: number,
  prefix: string,
  tokens: Token[],
): number => {
  const parts: string[] = [];
  let start = quoteAt + 1;
  for (;;) {
    const end = text.indexOf("'", start);
    if (end < 0) throw badRequest(`Invalid token detected at position ${from}`);
    if (text.charAt(end + 1) !== "'") {
      parts.push(text.slice(start, end));
      tokens.push({ kind: 'quoted', prefix, text: parts.join(''), at: from });
      return end + 1;
    }
    parts.push(text.slice(start, end + 1));
    start = end + 2;
  }
};
