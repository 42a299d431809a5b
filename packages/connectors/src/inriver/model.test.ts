import { describe, expect, it } from 'vitest';
import { type EntityType, type Model, rolesOf } from './model.js';

const type = (id: string, dataType = 'String'): EntityType => ({
  ...{ id, label: null, displayName: null, displayDescription: null },
  fields: [
    {
      ...{ entityTypeId: id, id: `${id}Id`, label: null, dataType },
      ...{ cvlId: null, isMulti: false, isUnique: true },
    },
  ],
});
const link = (source: string, target: string) => ({ id: source + target, source, target });
const none = { product: 'Product', variant: 'Item', category: 'ChannelNode', channel: 'Channel' };

const model: Model = {
  types: ['Katalog', 'Rubrik', 'Artikel', 'Variante']
    .map((id) => type(id))
    .concat(type('Bild', 'File')),
  links: [
    link('Katalog', 'Rubrik'),
    link('Rubrik', 'Rubrik'),
    link('Rubrik', 'Artikel'),
    link('Rubrik', 'Bild'),
    link('Artikel', 'Variante'),
    link('Artikel', 'Bild'),
    link('Variante', 'Bild'),
  ],
};

describe('what a type of the PIM is to us', () => {
  it('shows in how types are linked', () => {
    expect(rolesOf(model, none)).toEqual({
      ...{ product: 'Artikel', variant: 'Variante', category: 'Rubrik', channel: 'Katalog' },
    });
  });

  it('is what the settings say where the PIM has such a type', () => {
    expect(rolesOf(model, { ...none, product: 'Variante' })).toMatchObject({
      product: 'Variante',
      variant: null,
    });
  });

  it('is not guessed where several could be meant', () => {
    const bundles = { ...model, types: [...model.types, type('Set')] };
    const links = [...model.links, link('Rubrik', 'Set'), link('Set', 'Variante')];
    expect(rolesOf({ ...bundles, links }, none)).toMatchObject({ product: null, variant: null });
    expect(rolesOf({ types: [], links: [] }, none)).toEqual({
      ...{ product: null, variant: null, category: null, channel: null },
    });
  });
});
