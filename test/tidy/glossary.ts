import { read } from './tree.js';

interface Banned {
  readonly words: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

/** The second table of docs/GLOSSARY.md, one entry for each word. */
export const glossary: { readonly banned: readonly Banned[] } = {
  banned: section('## Words we do not use').flatMap((line) => {
    const [, words = '', instead = ''] = line.split('|').map((cell) => cell.trim());
    return words.split(', ').map((word) => ({
      words: word,
      pattern: new RegExp(`\\b${word.replaceAll(' ', '[ -]')}(s|d|r|rs)?\\b`, 'i'),
      instead,
    }));
  }),
};

function section(heading: string): readonly string[] {
  const [, rest = ''] = read('docs/GLOSSARY.md').split(`${heading}\n`);
  const rows = rest.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1);
}
