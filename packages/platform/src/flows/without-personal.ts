/**
 * Takes what is about a person out of what a system says of a write. Systems repeat what they refuse
 * ("ada@example.com is no mail address"), and what they say is journaled, shown and logged.
 */
import { HeadraceError } from '@headrace/sdk';

/** Shorter texts, such as a country, say nothing of a person and are found in any sentence. */
const textMin = 3;
const wordMin = 4;

/** All texts in what was opened of a person, and the words they are made of, the longest first. */
export function personalTexts(opened: unknown): readonly string[] {
  const found = new Set<string>();
  collect(opened, found);
  return [...found].sort((a, b) => b.length - a.length);
}

function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    const text = value.trim();
    const words = text.split(/\s+/).filter((word) => word.length >= wordMin);
    if (text.length < textMin) return;
    for (const one of [text, ...words]) {
      // As it stands in an address, in JSON and on a page.
      // (A half of a surrogate pair has no place in an address.)
      const address = encodeURIComponent(Buffer.from(one).toString());
      into.add(one).add(address).add(JSON.stringify(one).slice(1, -1));
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const one of Object.values(value)) collect(one, into);
  }
}

export function withoutPersonal(text: string, texts: readonly string[]): string {
  let left = text;
  for (const one of texts) {
    left = left.replace(new RegExp(one.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'gi'), '…');
  }
  return left;
}

/** The same failure, with a message that may be kept. */
export function errorWithoutPersonal(
  error: HeadraceError,
  texts: readonly string[],
): HeadraceError {
  const { kind, code, hint, retryAtMs, context } = error;
  const shown = Object.entries(context).map(([name, value]) => [
    name,
    typeof value === 'string' ? withoutPersonal(value, texts) : value,
  ]);
  return new HeadraceError(kind, withoutPersonal(error.message, texts), {
    ...{ code, context: Object.fromEntries(shown) },
    ...(hint === undefined ? {} : { hint: withoutPersonal(hint, texts) }),
    ...(retryAtMs === undefined ? {} : { retryAtMs }),
  });
}
