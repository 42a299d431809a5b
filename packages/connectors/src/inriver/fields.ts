/**
 * What can be filled from fields of the PIM, and of which kind it is. The customer's own names are
 * settings; this is the canonical side.
 */
import { z } from 'zod';

export type FieldKind =
  | 'id'
  | 'ids'
  | 'text'
  | 'texts'
  | 'date'
  | 'flag'
  | 'state'
  | 'gtin'
  | 'country'
  | 'kilograms'
  | 'millimetres'
  | 'pieces';

const lifecycle = { state: 'state', launchDate: 'date', phaseOutDate: 'date' } as const;

export const fieldKinds = {
  product: {
    productId: 'id',
    brand: 'ids',
    name: 'texts',
    description: 'texts',
    manufacturer: 'text',
    season: 'text',
    sizeSystem: 'text',
    fit: 'text',
    material: 'texts',
    careInstructions: 'texts',
    isFragile: 'flag',
    originCountry: 'country',
    ...lifecycle,
  },
  variant: {
    sku: 'id',
    name: 'texts',
    gtin: 'gtin',
    manufacturerPartNo: 'text',
    packSize: 'pieces',
    cartonSize: 'pieces',
    weightKilograms: 'kilograms',
    lengthMillimetres: 'millimetres',
    widthMillimetres: 'millimetres',
    heightMillimetres: 'millimetres',
    isHazardous: 'flag',
    isBundle: 'flag',
    isStocked: 'flag',
    taxCategory: 'text',
    commodityCode: 'text',
    originCountry: 'country',
    ...lifecycle,
  },
  category: { name: 'texts', isActive: 'flag' },
  channel: { name: 'texts', isActive: 'flag' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldKind>>>>;

export type MappedType = keyof typeof fieldKinds;

/** Free names: attributes and options as people read them, traits as the PIM holds them. */
const free = {
  product: /^(attributes\.[^.]+|traits\.[\w-]+\.[\w-]+)$/,
  variant: /^((attributes|options)\.[^.]+|traits\.[\w-]+\.[\w-]+)$/,
  category: /^traits\.[\w-]+\.[\w-]+$/,
  channel: /^traits\.[\w-]+\.[\w-]+$/,
} as const;

export function isTarget(type: MappedType, name: string): boolean {
  return Object.hasOwn(fieldKinds[type], name) || free[type].test(name);
}

const fieldSource = z.union([
  z.string().min(1),
  z.strictObject({
    field: z.string().min(1),
    /** The PIM's value, or key of a list of values → ours. */
    values: z.record(z.string(), z.string().min(1)).optional(),
    unit: z.enum(['kg', 'g', 'mm', 'cm', 'm']).optional(),
  }),
]);

export type FieldSource = z.output<typeof fieldSource>;
export type FieldMap = Readonly<Record<string, FieldSource>>;

export function fieldMap(type: MappedType) {
  return z.record(
    z.string().refine((name) => isTarget(type, name), {
      error: `must be a field of ${type} this connector can fill, or like traits.pim.name`,
    }),
    fieldSource,
  );
}

/** The field type a canonical field comes from. */
export function fieldIdOf(source: FieldSource | undefined): string | null {
  if (source === undefined) return null;
  return typeof source === 'string' ? source : source.field;
}

/** Close to the model inRiver demonstrates with; any of it can be another in a given PIM. */
export const defaultFields = {
  product: {
    productId: 'ProductId',
    brand: 'ProductBrand',
    name: 'ProductName',
    description: 'ProductDescription',
  },
  variant: { sku: 'ItemSku', gtin: 'ItemGtin' },
  category: { name: 'ChannelNodeName' },
  channel: { name: 'ChannelName' },
} as const;
