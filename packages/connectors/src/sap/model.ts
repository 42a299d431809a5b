/** The ids of this installation that settings name: plants, sales areas, brands, languages. */
import { distinctIfReadable } from './distinct.js';
import type { SapContext } from './odata/question.js';

const odata = '/sap/opu/odata/sap';

export interface Model {
  readonly plants: readonly string[];
  /** `sales organization/distribution channel/division`. */
  readonly salesAreas: readonly string[];
  readonly brands: readonly string[];
  readonly languages: readonly string[];
}

/** Each costs as many small requests as it has values. */
export async function readPlants(context: SapContext): Promise<readonly string[]> {
  if (context.config.without.includes('stock') && context.config.without.includes('product')) {
    return [];
  }
  const found = await distinctIfReadable(context, {
    ...{ root: `${odata}/API_PRODUCT_SRV`, set: 'A_ProductPlant' },
    ...{ properties: ['Plant'], max: 500 },
  });
  return found.map(([plant = '']) => plant);
}

export async function readSalesAreas(context: SapContext): Promise<readonly string[]> {
  if (context.config.without.includes('order')) return [];
  const found = await distinctIfReadable(context, {
    ...{ root: `${odata}/API_SALES_ORDER_SRV`, set: 'A_SalesOrder' },
    properties: ['SalesOrganization', 'DistributionChannel', 'OrganizationDivision'],
    max: 300,
  });
  return found.map((area) => area.join('/'));
}

export async function readModel(context: SapContext): Promise<Model> {
  const plants = await readPlants(context);
  const salesAreas = await readSalesAreas(context);
  if (context.config.without.includes('product')) {
    return { plants, salesAreas, brands: [], languages: [] };
  }
  const root = `${odata}/API_PRODUCT_SRV`;
  const brands = await distinctIfReadable(context, {
    ...{ root, set: 'A_Product', properties: ['Brand'], max: 300 },
  });
  const languages = await distinctIfReadable(context, {
    ...{ root, set: 'A_ProductDescription', properties: ['Language'], max: 60 },
  });
  return {
    ...{ plants, salesAreas },
    brands: brands.map(([brand = '']) => brand),
    languages: languages.map(([language = '']) => language),
  };
}
