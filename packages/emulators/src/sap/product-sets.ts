import type { EntitySet, Service } from '../odata/model.js';
import { CHANNELS, type LanguageCode } from '../retailer/channels.js';
import type { Erp } from '../retailer/erp/erp.js';
import { MATERIAL_BLOCKED, MATERIAL_DELETION } from '../retailer/erp/materials.js';
import { stampMs } from '../retailer/erp/stamps.js';
import { extensionsOf } from './extensions.js';
import { BASE_UNIT, childRow, indexOf, productOf, SUPPLIER } from './numbers.js';
import { plantSets } from './product-plant-sets.js';
import { day, decimal, fixed, flag, instant, keyText, text } from './properties.js';
import {
  ascendingIndex,
  childLayout,
  fineInstant,
  type Layout,
  layoutSource,
  lookupIndex,
  stampIndex,
} from './sources.js';

/** API_PRODUCT_SRV: materials with texts, units, sales data, plants, planning and cost. */

export const SAP_LANGUAGES: Readonly<Record<LanguageCode, string>> = {
  'nl-NL': 'NL',
  'de-DE': 'DE',
  'en-GB': 'EN',
};

const supplierOf = (erp: Erp, row: number): number =>
  erp.world.catalogue.products[row]?.supplier ?? 0;

const kilograms = (grams: number): string =>
  grams < 0 ? '0' : `${Math.floor(grams / 1000)}.${String(grams % 1000).padStart(3, '0')}`;

export const createProductService = (erp: Erp): Service => {
  const { materials, world, model } = erp;
  const { catalogue } = world;
  const product = (row: number) => catalogue.products[row];
  const isGeneric = (row: number): boolean => (product(row)?.children.length ?? 0) > 0;
  const layout: Layout<number> = {
    count: () => materials.inOrder().length,
    rowAt: (position) => materials.inOrder()[position] ?? -1,
    keyOf: (row) => [materials.numberOf(row)],
  };
  const changed = {
    changes: materials.changes,
    rowOf: (row: number) => row,
    rankOf: (row: number) => materials.rankOf(row),
  };
  const changedAtMs = (row: number): number => stampMs(materials.stamp.get(row));
  const isChanged = (row: number): boolean => changedAtMs(row) !== materials.createdAtMs.get(row);

  const languagesOf = (row: number): readonly LanguageCode[] =>
    model.languages.filter((language) => materials.names[row]?.[language] != null);
  const descriptions = childLayout({
    parents: () => materials.inOrder(),
    version: () => materials.version,
    countOf: (row) => languagesOf(row).length,
    childAt: childRow,
    keyOf: (row) => [
      materials.numberOf(productOf(row)),
      SAP_LANGUAGES[sortedLanguages(row)[indexOf(row)] ?? 'nl-NL'],
    ],
  });
  const sortedLanguages = (row: number): readonly LanguageCode[] =>
    languagesOf(productOf(row)).toSorted((left, right) =>
      SAP_LANGUAGES[left] < SAP_LANGUAGES[right] ? -1 : 1,
    );
  const languageOf = (row: number): LanguageCode => sortedLanguages(row)[indexOf(row)] ?? 'nl-NL';

  const sortedAreas = model.salesAreas.toSorted((left, right) =>
    left.organization + left.distributionChannel < right.organization + right.distributionChannel
      ? -1
      : 1,
  );
  const areasOf = (row: number) => {
    const { brands = [], variant = -1 } = product(row) ?? {};
    return sortedAreas.filter(
      ({ channel }) => variant >= 0 && brands.includes(CHANNELS[channel]?.brand ?? 'alpha'),
    );
  };
  const areaOf = (row: number) => areasOf(productOf(row))[indexOf(row)] ?? model.salesAreas[0];
  const sales = childLayout({
    parents: () => materials.inOrder(),
    version: () => materials.version,
    countOf: (row) => areasOf(row).length,
    childAt: childRow,
    keyOf: (row) => [
      materials.numberOf(productOf(row)),
      areaOf(row)?.organization ?? '',
      areaOf(row)?.distributionChannel ?? '',
    ],
  });
  const numberOf = (row: number): string => materials.numberOf(productOf(row));
  const children = (count: number, row: number): readonly number[] =>
    Array.from({ length: count }, (_, index) => childRow(row, index));
  const plants = plantSets(erp);

  const products: EntitySet<number> = {
    name: 'A_Product',
    label: 'Product General Data',
    key: ['Product'],
    properties: [
      keyText('Product', 40, (row) => materials.numberOf(row)),
      fixed('ProductType', 4, 'HAWA'),
      text('CrossPlantStatus', 2, (row) => (materials.has(row, MATERIAL_BLOCKED) ? '02' : '')),
      day('CrossPlantStatusValidityDate', (row) =>
        materials.has(row, MATERIAL_BLOCKED) ? changedAtMs(row) : 0,
      ),
      day('CreationDate', (row) => materials.createdAtMs.get(row)),
      fixed('CreatedByUser', 12, 'MDGINTERFACE'),
      day('LastChangeDate', (row) => (isChanged(row) ? changedAtMs(row) : 0)),
      text('LastChangedByUser', 12, (row) => (isChanged(row) ? 'BATCH' : '')),
      instant('LastChangeDateTime', (row) => fineInstant(materials.stamp.get(row)), {
        isConcurrencyToken: true,
      }),
      flag('IsMarkedForDeletion', (row) => materials.has(row, MATERIAL_DELETION)),
      fixed('ProductOldID', 40, ''),
      decimal('GrossWeight', [13, 3], (row) => kilograms(materials.weightGrams.get(row)), {
        unit: 'WeightUnit',
      }),
      text('WeightUnit', 3, (row) => (materials.weightGrams.get(row) < 0 ? '' : 'KG'), {
        semantics: 'unit-of-measure',
      }),
      decimal('NetWeight', [13, 3], (row) => kilograms(materials.weightGrams.get(row)), {
        unit: 'WeightUnit',
      }),
      text('CountryOfOrigin', 3, (row) => ['CN', 'TR', 'PT', 'NL'][supplierOf(erp, row) % 4] ?? ''),
      text('ProductGroup', 9, (row) => model.materialGroups[product(row)?.category ?? -1] ?? ''),
      fixed('BaseUnit', 3, BASE_UNIT),
      fixed('ItemCategoryGroup', 4, 'NORM'),
      text('ProductHierarchy', 18, (row) =>
        String((product(row)?.category ?? 0) + 1).padStart(5, '0'),
      ),
      fixed('Division', 2, model.salesAreas[0]?.division ?? '00'),
      text('Brand', 4, (row) => (product(row)?.brands[0] === 'beta' ? 'BETA' : 'ALPH')),
      text('SizeOrDimensionText', 32, (row) => sizeText(erp, row)),
      text('IndustryStandardName', 18, () => ''),
      text('ProductStandardID', 18, (row) => materials.gtins[row] ?? ''),
      text('InternationalArticleNumberCat', 2, (row) => (materials.gtins[row] == null ? '' : 'HE')),
      flag('ProductIsConfigurable', isGeneric),
      flag('IsBatchManagementRequired', () => false),
      text(
        'CrossPlantConfigurableProduct',
        40,
        (row) => product(product(row)?.parent ?? -1)?.number ?? '',
      ),
      text('ProductManufacturerNumber', 40, (row) => {
        const own = product(row);
        return own?.supplierNumber ?? product(own?.parent ?? -1)?.supplierNumber ?? '';
      }),
      text('ManufacturerNumber', 10, (row) => SUPPLIER.of(supplierOf(erp, row))),
      fixed('IndustrySector', 1, 'M'),
      ...extensionsOf(erp, 'A_Product'),
    ],
    navigations: [
      {
        name: 'to_Description',
        target: 'A_ProductDescription',
        multiplicity: '*',
        rows: (row) => children(languagesOf(row).length, row),
      },
      { name: 'to_Plant', target: 'A_ProductPlant', multiplicity: '*', rows: plants.rowsOf },
      {
        name: 'to_ProductSales',
        target: 'A_ProductSales',
        multiplicity: '0..1',
        rows: (row) => [row],
      },
      {
        name: 'to_ProductUnitsOfMeasure',
        target: 'A_ProductUnitsOfMeasure',
        multiplicity: '*',
        rows: (row) => [row],
      },
      {
        name: 'to_SalesDelivery',
        target: 'A_ProductSalesDelivery',
        multiplicity: '*',
        rows: (row) => children(areasOf(row).length, row),
      },
      {
        name: 'to_Valuation',
        target: 'A_ProductValuation',
        multiplicity: '*',
        rows: plants.rowsOf,
      },
    ],
    source: layoutSource(layout, {
      Product: ascendingIndex(layout, (row) => materials.numberOf(row)),
      LastChangeDateTime: stampIndex(changed),
      ProductStandardID: lookupIndex(
        layout,
        (row) => materials.gtins[row] ?? '',
        (value) => gtinRows(erp, String(value)),
      ),
    }),
  };

  const descriptionSet: EntitySet<number> = {
    name: 'A_ProductDescription',
    label: 'Product Description',
    key: ['Product', 'Language'],
    properties: [
      keyText('Product', 40, numberOf),
      keyText('Language', 2, (row) => SAP_LANGUAGES[languageOf(row)]),
      text('ProductDescription', 40, (row) =>
        `${materials.names[productOf(row)]?.[languageOf(row)] ?? ''} ${sizeText(erp, productOf(row))}`
          .trim()
          .slice(0, 40),
      ),
    ],
    source: layoutSource(descriptions, { Product: ascendingIndex(descriptions, numberOf) }),
  };

  const salesSet: EntitySet<number> = {
    name: 'A_ProductSales',
    label: 'Product Sales',
    key: ['Product'],
    properties: [
      keyText('Product', 40, (row) => materials.numberOf(row)),
      text('SalesStatus', 2, (row) => (materials.has(row, MATERIAL_BLOCKED) ? '02' : '')),
      day('SalesStatusValidityDate', (row) =>
        materials.has(row, MATERIAL_BLOCKED) ? changedAtMs(row) : 0,
      ),
      text('TaxClassification', 1, (row) => (product(row)?.taxClass === 1 ? '2' : '1')),
      fixed('TransportationGroup', 4, '0001'),
    ],
    source: layoutSource(layout, {
      Product: ascendingIndex(layout, (row) => materials.numberOf(row)),
    }),
  };

  const salesDelivery: EntitySet<number> = {
    name: 'A_ProductSalesDelivery',
    label: 'Sales Delivery',
    key: ['Product', 'ProductSalesOrg', 'ProductDistributionChnl'],
    properties: [
      keyText('Product', 40, numberOf),
      keyText('ProductSalesOrg', 4, (row) => areaOf(row)?.organization ?? ''),
      keyText('ProductDistributionChnl', 2, (row) => areaOf(row)?.distributionChannel ?? ''),
      decimal('MinimumOrderQuantity', [13, 3], () => '0', { unit: 'BaseUnit' }),
      text('SupplyingPlant', 4, (row) => {
        const isAlpha = CHANNELS[areaOf(row)?.channel ?? 0]?.brand === 'alpha';
        return model.plants[isAlpha ? 0 : 1]?.key ?? '';
      }),
      fixed('ItemCategoryGroup', 4, 'NORM'),
      fixed('SalesMeasureUnit', 3, BASE_UNIT),
      text('ProductSalesStatus', 2, (row) =>
        materials.has(productOf(row), MATERIAL_BLOCKED) ? '02' : '',
      ),
      flag('IsMarkedForDeletion', (row) => materials.has(productOf(row), MATERIAL_DELETION)),
      fixed('BaseUnit', 3, BASE_UNIT),
    ],
    source: layoutSource(sales, { Product: ascendingIndex(sales, numberOf) }),
  };

  const units: EntitySet<number> = {
    name: 'A_ProductUnitsOfMeasure',
    label: 'Units of Measure',
    key: ['Product', 'AlternativeUnit'],
    properties: [
      keyText('Product', 40, (row) => materials.numberOf(row)),
      keyText('AlternativeUnit', 3, () => BASE_UNIT),
      decimal('QuantityNumerator', [5, 0], () => '1'),
      decimal('QuantityDenominator', [5, 0], () => '1'),
      decimal('GrossWeight', [13, 3], (row) => kilograms(materials.weightGrams.get(row)), {
        unit: 'WeightUnit',
      }),
      text('WeightUnit', 3, (row) => (materials.weightGrams.get(row) < 0 ? '' : 'KG')),
      text('GlobalTradeItemNumber', 18, (row) => materials.gtins[row] ?? ''),
      text('GlobalTradeItemNumberCategory', 2, (row) => (materials.gtins[row] == null ? '' : 'HE')),
      fixed('BaseUnit', 3, BASE_UNIT),
    ],
    source: layoutSource(
      { ...layout, keyOf: (row) => [materials.numberOf(row), BASE_UNIT] },
      { Product: ascendingIndex(layout, (row) => materials.numberOf(row)) },
    ),
  };

  return {
    name: 'API_PRODUCT_SRV',
    version: 2,
    entitySets: [products, descriptionSet, salesSet, salesDelivery, units, ...plants.sets],
  };
};

const sizeText = (erp: Erp, row: number): string => {
  const { catalogue } = erp.world;
  const own = catalogue.products[row];
  return own === undefined || own.size < 0 ? '' : (own.number.split('.')[1] ?? '');
};

const gtinsByErp = new WeakMap<Erp, { version: number; rows: Map<string, number[]> }>();

const gtinRows = (erp: Erp, gtin: string): readonly number[] => {
  const { materials } = erp;
  let known = gtinsByErp.get(erp);
  if (known === undefined || known.version !== materials.version) {
    const rows = new Map<string, number[]>();
    for (const row of materials.inOrder()) {
      // Those without one are found by the empty text they show.
      const own = materials.gtins[row] ?? '';
      const same = rows.get(own);
      if (same === undefined) rows.set(own, [row]);
      else same.push(row);
    }
    known = { version: materials.version, rows };
    gtinsByErp.set(erp, known);
  }
  return known.rows.get(gtin) ?? [];
};
