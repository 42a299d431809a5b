import { LANGUAGES } from '../retailer/channels.js';
import {
  COLOURS,
  FITS,
  MATERIALS,
  SIZE_SYSTEMS,
  type Texts,
  texts,
} from '../retailer/vocabulary.js';

/** Property groups and their options: colour, size, material, fit. */

export interface OptionRow {
  readonly group: number;
  readonly name: Texts;
  readonly hex: string | null;
  readonly position: number;
}

export interface OptionRows {
  readonly rows: readonly OptionRow[];
  readonly colour: (index: number) => number;
  readonly size: (system: keyof typeof SIZE_SYSTEMS, index: number) => number;
  readonly material: (index: number) => number;
  readonly fit: (index: number) => number;
}

export const PROPERTY_GROUPS = [
  texts('Kleur', 'Farbe', 'Colour'),
  texts('Maat', 'Größe', 'Size'),
  texts('Materiaal', 'Material', 'Material'),
  texts('Pasvorm', 'Passform', 'Fit'),
];

export const makeOptions = (): OptionRows => {
  const rows: OptionRow[] = [];
  const addAll = (
    group: number,
    names: readonly Texts[],
    hexes: readonly string[] = [],
  ): number => {
    const first = rows.length;
    for (const [position, name] of names.entries()) {
      rows.push({ group, name, hex: hexes[position] ?? null, position });
    }
    return first;
  };
  const colours = addAll(
    0,
    COLOURS.map((colour) => colour.name),
    COLOURS.map((colour) => colour.hex),
  );
  const sizes: Record<string, number> = {};
  for (const [system, names] of Object.entries(SIZE_SYSTEMS)) {
    sizes[system] = addAll(
      1,
      names.map((name) => texts(name, name, name)),
    );
  }
  const materials = addAll(2, MATERIALS);
  const fits = addAll(3, FITS);
  return {
    rows,
    colour: (index) => colours + index,
    size: (system, index) => (sizes[system] ?? 0) + index,
    material: (index) => materials + index,
    fit: (index) => fits + index,
  };
};

export const inLanguage = (name: Texts, language: number): string =>
  name[LANGUAGES[language] ?? 'nl-NL'];
