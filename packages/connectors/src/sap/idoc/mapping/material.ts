/** A material: MATMAS05. */
import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { convertQuantity, findUnit, formatQuantity, isGtin, parseQuantity } from '@headrace/sdk';
import { skuOf } from '../../config.js';
import { told } from '../../json.js';
import { ratioOf } from '../../mapping/exact.js';
import { countryOf, languageOf } from '../../mapping/map-context.js';
import { unitOf } from '../../mapping/units.js';
import { decimalOf, isZero } from '../../odata/values.js';
import { dayOf, field, segment, segments } from '../segments.js';
import { type IdocMapContext, traitsOf } from './map-context.js';

/** Category of a material that only stands for its variants. */
const genericCategory = '01';

export function mapMaterial(
  record: JsonObject,
  { config }: IdocMapContext,
): readonly MappedRecord[] {
  const material = segment(record, 'E1MARAM');
  const number = field(material, 'MATNR_LONG') ?? field(material, 'MATNR');
  const sku = skuOf(config, number);
  // A generic article is no variant, and without a brand no product of ours either.
  if (number === null || sku === null || field(material, 'ATTYP') === genericCategory) return [];
  const names = namesOf(material, config);
  const plants = segments(material, 'E1MARCM');
  const isLeaving = field(material, 'LVORM') !== null;
  const status = field(material, 'MSTAE');
  const fields = told({
    sku,
    productId: skuOf(config, field(material, 'SATNR')) ?? undefined,
    name: names,
    gtin: gtinOf(material),
    manufacturerPartNo: field(material, 'MFRPN') ?? undefined,
    unit: unitOf(field(material, 'MEINS')) ?? undefined,
    ...sizesOf(material),
    state: isLeaving ? 'discontinued' : status === null ? 'active' : 'unknown',
    rawState: status ?? undefined,
    launchDate: dayOf(field(material, 'DATAB')) ?? undefined,
    commodityCode: onlyOne(plants.flatMap((plant) => field(plant, 'STAWN') ?? [])),
    originCountry: countryOf(onlyOne(plants.flatMap((plant) => field(plant, 'HERKL') ?? []))),
    ...traitsOf(record, {
      materialType: field(material, 'MTART'),
      materialGroup: field(material, 'MATKL'),
      productHierarchy: field(material, 'PRDHA'),
      oldNumber: field(material, 'BISMT'),
    }),
  });
  return [{ entity: 'variant', type: 'E1MARAM', externalId: number, fields }];
}

function namesOf(material: JsonObject | undefined, config: IdocMapContext['config']) {
  const names = segments(material, 'E1MAKTM').flatMap((row): [string, string][] => {
    const language = languageOf(config, field(row, 'SPRAS_ISO') ?? field(row, 'SPRAS'));
    const name = field(row, 'MAKTX');
    return language === null || name === null ? [] : [[language, name]];
  });
  return names.length === 0 ? undefined : Object.fromEntries(names);
}

/** SAP takes any digits for a GTIN; a wrong one would join the wrong items. */
function gtinOf(material: JsonObject | undefined): string | undefined {
  const unit = unitRow(material, field(material, 'MEINS'));
  const more = segments(unit, 'E1MEANM');
  const main = more.filter((row) => field(row, 'HPEAN') !== null);
  const candidates = [material, unit, ...main, ...more].map((row) => field(row, 'EAN11'));
  return candidates.find((digits) => digits !== null && isGtin(digits)) ?? undefined;
}

function unitRow(material: JsonObject | undefined, unit: string | null) {
  return segments(material, 'E1MARMM').find((row) => field(row, 'MEINH') === unit);
}

function sizesOf(material: JsonObject | undefined) {
  const baseUnit = field(material, 'MEINS');
  const base = unitRow(material, baseUnit);
  const size = (name: string) => measure(field(base, name), field(base, 'MEABM'), 'MMT');
  const carton = segments(material, 'E1MARMM').find((row) => unitOf(field(row, 'MEINH')) === 'XCT');
  const content = ratioOf(
    decimalOf(field(carton, 'UMREZ')),
    '1',
    decimalOf(field(carton, 'UMREN')),
  );
  const unit = unitOf(baseUnit);
  return {
    weightKilograms: measure(field(material, 'BRGEW'), field(material, 'GEWEI'), 'KGM'),
    lengthMillimetres: size('LAENG'),
    widthMillimetres: size('BREIT'),
    heightMillimetres: size('HOEHE'),
    cartonSize:
      content === null || unit === null || isZero(content) ? undefined : { value: content, unit },
  };
}

/** SAP writes zero where nobody measured. */
export function measure(
  value: string | null,
  unitCode: string | null,
  to: 'KGM' | 'MMT',
): string | undefined {
  const [amount, unit] = [decimalOf(value), unitOf(unitCode)];
  if (amount === null || unit === null || isZero(amount)) return undefined;
  if (findUnit(unit)?.dimension !== findUnit(to)?.dimension) return undefined;
  const converted = convertQuantity(parseQuantity({ value: amount, unit }), to, { round: true });
  return formatQuantity(converted).value;
}

/** Plants may differ in theory; where they do, nothing is said. */
function onlyOne(values: readonly string[]): string | undefined {
  const different = new Set(values);
  return different.size === 1 ? values[0] : undefined;
}
