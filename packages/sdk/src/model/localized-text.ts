/** Text by BCP 47 language tag: `{ "nl-NL": "Blauwe jas", "de": "Blaue Jacke" }`. */
export type LocalizedText = Readonly<Record<string, string>>;

/** A text with the tag it was found under. */
export interface FoundText {
  readonly text: string;
  readonly language: string;
}

const tagsMax = 1024;
const canonicalTags = new Map<string, string | null>();

/** The canonical spelling of a BCP 47 tag (`nl-nl` is `nl-NL`), or null when it is none. */
export function canonicalLanguage(tag: string): string | null {
  const cached = canonicalTags.get(tag);
  if (cached !== undefined) return cached;
  const canonical = computeCanonical(tag);
  if (canonicalTags.size >= tagsMax) canonicalTags.clear();
  canonicalTags.set(tag, canonical);
  return canonical;
}

/** Whether the text is a well-formed BCP 47 language tag. */
export function isLanguage(tag: string): boolean {
  return canonicalLanguage(tag) !== null;
}

/**
 * The text in the first language that has one. Each language is looked for exactly, then shortened
 * from its end (RFC 4647 lookup: `nl-BE`, `nl`), then in any region of it; null when none has it.
 */
export function lookUpText(text: LocalizedText, languages: readonly string[]): FoundText | null {
  for (const language of languages) {
    const wanted = canonicalLanguage(language) ?? language;
    for (let tag = wanted; tag !== ''; tag = shorten(tag)) {
      const found = text[tag];
      if (found !== undefined && Object.hasOwn(text, tag)) return { text: found, language: tag };
    }
    const base = `${wanted.split('-', 1)[0]}-`;
    const sibling = Object.keys(text)
      .filter((tag) => tag.startsWith(base))
      .sort()[0];
    if (sibling !== undefined) return { text: text[sibling] ?? '', language: sibling };
  }
  return null;
}

function computeCanonical(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

function shorten(tag: string): string {
  const end = tag.lastIndexOf('-');
  if (end < 0) return '';
  // A single letter before the cut introduces an extension and means nothing without it.
  const cut = tag.slice(0, end);
  return /-[a-z0-9]$/i.test(cut) ? cut.slice(0, -2) : cut;
}
