/** Finds values seen under personal paths in any text: whole, or within a longer one. */

/** Shorter texts meet by chance: `NL` is a country as often as it is somebody's. */
const TEXT_MIN = 3;
/** Digits meet by chance more often: a house number is a quantity elsewhere. */
const DIGITS_MIN = 5;
/** References of persons are looked for although they are short; they are keys. */
const REFERENCE_MIN = 4;
/** From here on case does not matter; below, `Open` is a name and `open` a state. */
const FOLDED_MIN = 6;

export class KnownValues {
  /** Values by the word they begin with, the longest first. */
  readonly #byWord = new Map<string, string[]>();
  readonly #values = new Set<string>();
  readonly #vocabulary: ReadonlySet<string>;

  /** @param vocabulary Texts of the interface itself, in lower case; they are nobody's. */
  constructor(vocabulary: ReadonlySet<string> = new Set()) {
    this.#vocabulary = vocabulary;
  }

  /** Values too short to be told from others are not taken in. */
  add(value: string, isReference = false): void {
    // Of a number, zeros in front do not count.
    const text = value.trim().replace(/^0+(?=\d+$)/, '');
    if (this.#vocabulary.has(text.toLowerCase())) return;
    const min = DIGITS.test(text) ? (isReference ? REFERENCE_MIN : DIGITS_MIN) : TEXT_MIN;
    if (text.length < min || this.#values.has(text) || !WORD.test(text)) return;
    this.#values.add(text);
    const word = fold(wordAt(text, 0));
    const list = this.#byWord.get(word);
    if (list === undefined) this.#byWord.set(word, [text]);
    else {
      list.push(text);
      list.sort((a, b) => b.length - a.length);
    }
  }

  /** Replaces each value found, also within a longer text, where it stands between other signs. */
  replace(text: string, by: (value: string) => string): string {
    if (this.#values.size === 0) return text;
    const parts: string[] = [];
    let kept = 0;
    for (const { index } of text.matchAll(STARTS)) {
      if (index < kept) continue;
      const found = this.#at(text, index);
      if (found === null) continue;
      parts.push(text.slice(kept, index), by(found));
      kept = index + found.length;
    }
    return parts.length === 0 ? text : parts.join('') + text.slice(kept);
  }

  has(text: string): boolean {
    return this.#longest(text) > 0;
  }

  /** Finds values long enough that no other text equals them by chance. */
  hasLong(text: string): boolean {
    return this.#longest(text) >= FOLDED_MIN;
  }

  /** The text is one of the values, with nothing around it. */
  isWhole(text: string): boolean {
    return this.#values.has(DIGITS.test(text) ? text.replace(/^0+/, '') : text);
  }

  #longest(text: string): number {
    let length = 0;
    this.replace(text, (value) => {
      length = Math.max(length, value.length);
      return value;
    });
    return length;
  }

  /** The longest value that stands at a place of the text, as the text writes it. */
  #at(text: string, index: number): string | null {
    const word = wordAt(text, index);
    if (DIGITS.test(word) && this.isWhole(word) && standsAlone(text, index, word)) return word;
    for (const value of this.#byWord.get(fold(word)) ?? []) {
      const there = text.slice(index, index + value.length);
      const isSame = there === value || (value.length >= FOLDED_MIN && fold(there) === fold(value));
      if (isSame && standsAlone(text, index, value)) return there;
    }
    return null;
  }
}

const DIGITS = /^\d+$/;
const WORD = /[\p{L}\p{N}]/u;
/** Where a run of letters and digits begins, or any other sign: values may begin with `+`. */
const STARTS = /[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu;

function wordAt(text: string, index: number): string {
  return /^(?:[\p{L}\p{N}]+|[^\p{L}\p{N}])/u.exec(text.slice(index, index + 200))?.[0] ?? '';
}

/** Keeps lengths, so that places in the folded text are places in the text. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

function standsAlone(text: string, index: number, value: string): boolean {
  const [before, after] = [
    text.slice(Math.max(0, index - 2), index),
    text.slice(index + value.length),
  ];
  const isWordStart = /^[\p{L}\p{N}]/u.test(value);
  const isWordEnd = /[\p{L}\p{N}]$/u.test(value);
  if (isWordStart && /[\p{L}\p{N}]$/u.test(before)) return false;
  if (isWordEnd && /^[\p{L}\p{N}]/u.test(after)) return false;
  // Digits beside a point are part of a number or a time.
  if (DIGITS.test(value)) return !/\d[.,:]$|^[.,:]$/.test(before) && !/^[.,:]\d/.test(after);
  return true;
}
