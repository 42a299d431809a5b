import type { LanguageCode } from '../retailer/channels.js';

/**
 * How one customer models its PIM. No two do it alike: types, fields, lists of values, languages and
 * links have names of their own, so nothing else in this folder knows any of them. Each field says
 * what of the retailer it holds (`role`); that is all the rest goes by.
 */

export type DataType =
  | 'String'
  | 'LocaleString'
  | 'Integer'
  | 'Double'
  | 'Boolean'
  | 'DateTime'
  | 'CVL'
  | 'File';

export type EntityRole = 'product' | 'item' | 'resource' | 'node' | 'channel';

export type FieldRole =
  | 'number'
  | 'name'
  | 'description'
  | 'brands'
  | 'material'
  | 'fit'
  | 'care'
  | 'sizeSystem'
  | 'season'
  | 'supplier'
  | 'supplierNumber'
  | 'launch'
  | 'phaseOut'
  | 'status'
  | 'imageQuality'
  | 'isFragile'
  | 'gtin'
  | 'colour'
  | 'size'
  | 'weight'
  | 'packSize'
  | 'isActive'
  | 'fileName'
  | 'file'
  /** A field people fill by hand; nothing of the retailer is behind it. */
  | 'own';

export interface FieldTypeModel {
  readonly id: string;
  readonly name: string;
  readonly dataType: DataType;
  readonly role: FieldRole;
  readonly cvlId?: string;
  readonly isMulti?: boolean;
  readonly isMandatory?: boolean;
  readonly isUnique?: boolean;
  /** Counts for completeness. */
  readonly isExpected?: boolean;
  /** Only in these field sets; in all when left out. */
  readonly fieldSets?: readonly string[];
  readonly categoryId?: string;
  /** Weights only. */
  readonly unit?: 'kg' | 'g';
}

export const field = (
  id: string,
  name: string,
  dataType: DataType,
  role: FieldRole,
  more: Partial<FieldTypeModel> = {},
): FieldTypeModel => ({ id, name, dataType, role, ...more });

export interface EntityTypeModel {
  readonly id: string;
  readonly name: string;
  readonly role: EntityRole;
  readonly fields: readonly FieldTypeModel[];
  readonly fieldSets?: readonly { readonly id: string; readonly name: string }[];
  readonly displayName: string;
  readonly displayDescription?: string;
}

export type LinkRole =
  | 'product-item'
  | 'product-resource'
  | 'node-product'
  | 'node-node'
  | 'channel-node';

export interface LinkTypeModel {
  readonly id: string;
  readonly role: LinkRole;
  readonly source: EntityRole;
  readonly target: EntityRole;
}

/** What a list of values holds of the retailer's words. */
export type CvlRole = 'brand' | 'material' | 'fit' | 'care' | 'colour' | 'size' | 'status' | 'own';

export interface CvlModel {
  readonly id: string;
  readonly role: CvlRole;
  readonly dataType: 'String' | 'LocaleString';
  readonly values: readonly {
    readonly key: string;
    readonly value: string | Readonly<Record<string, string>>;
  }[];
}

export interface CompanyModel {
  readonly name: string;
  /** Names of languages here, with the retailer's own; null where nobody translates into it. */
  readonly languages: readonly {
    readonly name: string;
    readonly displayName: string;
    readonly of: LanguageCode | null;
  }[];
  readonly entityTypes: readonly EntityTypeModel[];
  readonly linkTypes: readonly LinkTypeModel[];
  readonly cvls: readonly CvlModel[];
  /** Whether times end in `Z` or leave out the zone, as both are seen in the field. */
  readonly hasZone: boolean;
  readonly firstEntityId: number;
}

/** The key of the retailer's n-th word in a list of values. */
export const cvlKey = (model: CompanyModel, role: CvlRole, index: number): string => {
  const key = model.cvls.find((cvl) => cvl.role === role)?.values[index]?.key;
  if (key === undefined) throw new RangeError(`${model.name} has no ${role} ${index}`);
  return key;
};

export const entityTypeOf = (model: CompanyModel, role: EntityRole): EntityTypeModel => {
  const type = model.entityTypes.find((entry) => entry.role === role);
  if (type === undefined) throw new RangeError(`${model.name} has no ${role}`);
  return type;
};

export const fieldOf = (type: EntityTypeModel, role: FieldRole): FieldTypeModel | undefined =>
  type.fields.find((field) => field.role === role);

export const linkTypeOf = (model: CompanyModel, role: LinkRole): LinkTypeModel => {
  const type = model.linkTypes.find((entry) => entry.role === role);
  if (type === undefined) throw new RangeError(`${model.name} has no link ${role}`);
  return type;
};
