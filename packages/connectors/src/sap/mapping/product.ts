/** A material: a variant, or the generic article above some. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { convertQuantity, findUnit, formatQuantity, isGtin, parseQuantity } from '@headrace/sdk';
import { skuOf } from '../config.js';
import { traitsOf } from '../extend.js';
import { boolean, lookUp, rowsOf, text, told } from '../json.js';
import { dateOf, decimalOf, isZero } from '../odata/values.js';
import { ratioOf } from './exact.js';
import { countryOf, languageOf, type SapMapContext } from './map-context.js';
import { unitOf } from './units.js';

export function mapProduct(record: JsonObject, context: SapMapContext): readonly MappedRecord[] {
  const { config } = context;
  const number = text(record.Product);
  const sku = skuOf(config, number);
  if (number === null || sku === null) return [];
  const brandCode = text(record.Brand);
  const brand = brandCode === null ? null : (lookUp(config.brandOf, brandCode) ?? brandCode);
  const parent = skuOf(config, text(record.CrossPlantConfigurableProduct));
  const isGeneric = boolean(record.ProductIsConfigurable) === true && parent === null;
  const common = {
    brand: brand ?? undefined,
    name: namesOf(record, context),
    ...stateOf(record),
    launchDate: dateOf(record.ValidityStartDate) ?? undefined,
    originCountry: countryOf(record.CountryOfOrigin),
  };
  const own = {
    productType: text(record.ProductType),
    productGroup: text(record.ProductGroup),
    productHierarchy: text(record.ProductHierarchy),
    oldNumber: text(record.ProductOldID),
    isMarkedForDeletion: boolean(record.IsMarkedForDeletion) === true ? true : null,
  };
  if (isGeneric) {
    // Without a brand there is no product to speak of: the number alone may stand in two brands.
    if (brand === null) return [];
    const fields = told({
      productId: sku,
      ...common,
      ...traitsOf(config.extend, 'product', record, own),
    });
    return [{ entity: 'product', type: 'A_Product', externalId: number, fields }];
  }
  const fields = told({
    sku,
    productId: parent ?? undefined,
    ...common,
    gtin: gtinOf(record),
    manufacturerPartNo: text(record.ProductManufacturerNumber) ?? undefined,
    unit: unitOf(text(record.BaseUnit)) ?? undefined,
    ...sizesOf(record),
    isHazardous: boolean(record.IsRelevantForHzdsSubstances) ?? undefined,
    commodityCode: commodityOf(record),
    ...traitsOf(config.extend, 'variant', record, own),
  });
  return [{ entity: 'variant', type: 'A_Product', externalId: number, fields }];
}

function namesOf(record: JsonObject, { config }: SapMapContext) {
  const names = rowsOf(record.to_Description).flatMap((row): [string, string][] => {
    const language = languageOf(config, text(row.Language));
    const name = text(row.ProductDescription);
    return language === null || name === null ? [] : [[language, name]];
  });
  return names.length === 0 ? undefined : Object.fromEntries(names);
}

/** Which status blocks what is each system's own; only the mark for deletion means the same to all. */
function stateOf(record: JsonObject) {
  const status = text(record.CrossPlantStatus);
  const isLeaving = boolean(record.IsMarkedForDeletion) === true;
  return told({
    state: isLeaving ? 'discontinued' : status === null ? 'active' : 'unknown',
    rawState: status ?? undefined,
  });
}

/** SAP takes any digits for a GTIN; a wrong one would join the wrong items. */
function gtinOf(record: JsonObject): string | undefined {
  const baseUnit = text(record.BaseUnit);
  const ofUnit = rowsOf(record.to_ProductUnitsOfMeasure)
    .filter((row) => text(row.AlternativeUnit) === baseUnit)
    .map((row) => text(row.GlobalTradeItemNumber));
  const found = [text(record.ProductStandardID), ...ofUnit].find(
    (digits) => digits !== null && isGtin(digits),
  );
  return found ?? undefined;
}

function sizesOf(record: JsonObject) {
  const units = rowsOf(record.to_ProductUnitsOfMeasure);
  const baseUnit = text(record.BaseUnit);
  const base = units.find((row) => text(row.AlternativeUnit) === baseUnit);
  const size = (name: string) => measure(base?.[name], base?.ProductMeasurementUnit, 'MMT');
  const carton = units.find((row) => unitOf(text(row.AlternativeUnit)) === 'XCT');
  const cartonSize = ratioOf(
    decimalOf(carton?.QuantityNumerator),
    '1',
    decimalOf(carton?.QuantityDenominator),
  );
  const unit = unitOf(baseUnit);
  return {
    weightKilograms: measure(record.GrossWeight, record.WeightUnit, 'KGM'),
    lengthMillimetres: size('UnitSpecificProductLength'),
    widthMillimetres: size('UnitSpecificProductWidth'),
    heightMillimetres: size('UnitSpecificProductHeight'),
    cartonSize:
      cartonSize === null || unit === null || isZero(cartonSize)
        ? undefined
        : { value: cartonSize, unit },
  };
}

/** SAP writes zero where nobody measured. */
function measure(
  value: JsonObject[string] | undefined,
  unitCode: JsonObject[string] | undefined,
  to: 'KGM' | 'MMT',
): string | undefined {
  const [amount, unit] = [decimalOf(value), unitOf(text(unitCode))];
  if (amount === null || unit === null || isZero(amount)) return undefined;
  if (findUnit(unit)?.dimension !== findUnit(to)?.dimension) return undefined;
  const converted = convertQuantity(parseQuantity({ value: amount, unit }), to, { round: true });
  return formatQuantity(converted).value;
}

/** Plants may differ in theory; where they do, nothing is said. */
function commodityOf(record: JsonObject): string | undefined {
  const codes = new Set(rowsOf(record.to_Plant).flatMap((row) => text(row.Commodity) ?? []));
  return codes.size === 1 ? [...codes][0] : undefined;
}
