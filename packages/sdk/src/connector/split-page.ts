/**
 * Finds the records of a page without parsing it, so that one broken record is one broken record:
 * the bytes of each are cut out by structure alone, and only then checked and parsed.
 */
import { HeadraceError } from './errors.js';

export interface RecordSlice {
  /** View into the page. */
  readonly bytes: Uint8Array;
  /** Deepest nesting of objects and arrays inside, 1 for a flat object. */
  readonly depth: number;
}

export interface SplitPage {
  readonly records: readonly RecordSlice[];
  /** The page as text with its records left out; small, and where totals and links are. */
  readonly frame: string;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * @param items Names from the root to the array of records; empty when the root is the array.
 * @throws `transient` when the body ends too early, `contract` when the array is not there.
 */
export function splitPage(body: Uint8Array, items: readonly string[]): SplitPage {
  const path = JSON.stringify(items);
  const known = split.get(body);
  if (known?.path === path) return known.page;
  const page = scanPage(body, items);
  split.set(body, { path, page });
  return page;
}

/** A connector looks for totals and links before the platform takes the records: one scan for both. */
const split = new WeakMap<Uint8Array, { readonly path: string; readonly page: SplitPage }>();

function scanPage(body: Uint8Array, items: readonly string[]): SplitPage {
  const scan = new Scanner(body);
  scan.space();
  for (const name of items) scan.enter(name);
  scan.space();
  if (scan.byte() !== openBracket) throw missing(items);
  const from = scan.at + 1;
  const records = scan.elements();
  const to = scan.at - 1;
  scan.rest();
  const view = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return { records, frame: view.toString('utf8', 0, from) + view.toString('utf8', to) };
}

class Scanner {
  readonly #body: Uint8Array;
  at = 0;
  #depth = 0;

  constructor(body: Uint8Array) {
    this.#body = body;
  }

  byte(): number {
    const value = this.#body[this.at];
    if (value === undefined) throw truncated();
    return value;
  }

  space(): void {
    while ((this.#body[this.at] ?? 0x21) <= 0x20) this.at += 1;
  }

  /** Moves into the value of a member of the object that starts here. */
  enter(name: string): void {
    this.space();
    if (this.byte() !== openBrace) throw missing([name]);
    this.at += 1;
    const wanted = Buffer.from(name);
    for (;;) {
      this.space();
      if (this.byte() === closeBrace) throw missing([name]);
      const start = this.at + 1;
      this.#string();
      const found = wanted.equals(this.#body.subarray(start, this.at - 1));
      this.space();
      if (this.byte() !== colon) throw missing([name]);
      this.at += 1;
      this.space();
      if (found) return;
      this.#value();
      this.space();
      if (this.byte() === comma) this.at += 1;
    }
  }

  /** The elements of the array that starts here. */
  elements(): RecordSlice[] {
    const slices: RecordSlice[] = [];
    this.at += 1;
    for (;;) {
      this.space();
      if (this.byte() === closeBracket) {
        this.at += 1;
        return slices;
      }
      const start = this.at;
      this.#depth = 0;
      this.#value();
      slices.push({ bytes: this.#body.subarray(start, this.at), depth: this.#depth });
      this.space();
      if (this.byte() === comma) this.at += 1;
    }
  }

  /** Makes sure that the body did not end inside the frame. */
  rest(): void {
    let end = this.#body.length - 1;
    while (end >= 0 && (this.#body[end] as number) <= 0x20) end -= 1;
    const first = this.#body.findIndex((value) => value > 0x20);
    const closes = this.#body[first] === openBrace ? closeBrace : closeBracket;
    if (this.#body[end] !== closes) throw truncated();
  }

  #string(): void {
    const body = this.#body;
    let at = this.at + 1;
    for (;;) {
      const value = body[at];
      if (value === quote) break;
      if (value === undefined) throw truncated();
      at += value === backslash ? 2 : 1;
    }
    this.at = at + 1;
  }

  /** Skips one value, noting how deep it nests. Iterative, so depth costs nothing. */
  #value(): void {
    const body = this.#body;
    let depth = 0;
    for (;;) {
      const value = body[this.at];
      if (value === undefined) throw truncated();
      if (value === quote) {
        this.#string();
        if (depth === 0) return;
      } else if (value === openBrace || value === openBracket) {
        depth += 1;
        if (depth > this.#depth) this.#depth = depth;
        this.at += 1;
      } else if (value === closeBrace || value === closeBracket) {
        if (depth === 0) return;
        depth -= 1;
        this.at += 1;
        if (depth === 0) return;
      } else if (value === comma && depth === 0) return;
      else this.at += 1;
    }
  }
}

function truncated(): HeadraceError {
  return new HeadraceError('transient', 'The answer ended before it was complete.', {
    code: 'E_TRUNCATED',
  });
}

function missing(items: readonly string[]): HeadraceError {
  return new HeadraceError('contract', `The answer has no list of records at ${items.join('.')}.`, {
    code: 'E_NO_RECORDS',
    hint: 'The system does not speak the interface this connector expects; check its version.',
  });
}
