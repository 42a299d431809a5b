import type { EntitySet, Property, Service } from '../odata/model.js';
import { channelAt, currencyAt } from '../retailer/channels.js';
import { CONDITION_DISCOUNT, CONDITION_PROMOTION } from '../retailer/erp/conditions.js';
import type { Erp } from '../retailer/erp/erp.js';
import { stampMs } from '../retailer/erp/stamps.js';
import { DAY_MS } from '../retailer/parameters.js';
import { BASE_UNIT, CONDITION_RECORD } from './numbers.js';
import {
  day,
  decimal,
  fixed,
  flag,
  instant,
  keyText,
  minorText,
  quantity,
  text,
} from './properties.js';
import {
  ascendingIndex,
  fineInstant,
  type Layout,
  layoutSource,
  lookupIndex,
  stampIndex,
} from './sources.js';

/**
 * API_SLSPRICINGCONDITIONRECORD_SRV: prices as records with a validity. A record's key holds no
 * material; that stands in its validity, together with the sales area.
 */

export const createConditionService = (erp: Erp): Service => {
  const { conditions, model, world } = erp;
  const number = (row: number): string => CONDITION_RECORD.of(row);
  const layout: Layout<number> = {
    count: () => conditions.length,
    rowAt: (position) => position,
    keyOf: (row) => [number(row)],
  };
  const kind = (row: number): number => conditions.kind.get(row);
  const isDiscount = (row: number): boolean => kind(row) === CONDITION_DISCOUNT;
  const channel = (row: number) => channelAt(conditions.area.get(row));
  const area = (row: number) => model.salesAreas[conditions.area.get(row)];
  const currency = (row: number): string => currencyAt(channel(row).currency).code;
  const typeOf = (row: number): string => {
    const types = model.conditionTypes;
    if (isDiscount(row)) return types.discount;
    if (kind(row) === CONDITION_PROMOTION) return types.promotion;
    return channel(row).taxBasis === 'net' ? types.net : types.gross;
  };
  /** Percent of a discount are kept in tenths. */
  const rateText = (row: number, rate: number): string =>
    isDiscount(row) ? (rate / 10).toFixed(3) : minorText(rate);
  const unitOf = (row: number): string => (isDiscount(row) ? '%' : currency(row));
  const from = (row: number): number => conditions.fromDay.get(row) * DAY_MS;
  const to = (row: number): number => conditions.toDay.get(row) * DAY_MS;
  const scalesOf = (row: number): readonly number[] => {
    const first = conditions.firstScale.get(row);
    return Array.from({ length: conditions.scaleEnd(row) - first }, (_, index) => first + index);
  };
  const material = (row: number): string =>
    isDiscount(row) ? '' : erp.materials.numberOf(conditions.subject.get(row));
  const etag = (row: number): string => {
    const stamp = conditions.stamp.get(row);
    return new Date(stampMs(stamp)).toISOString().replace(/[^0-9]/g, '');
  };

  const rate = (read: (row: number) => number): readonly Property<number>[] => [
    decimal('ConditionRateValue', [12, 3], (row) => rateText(row, read(row))),
    text('ConditionRateValueUnit', 5, unitOf),
    decimal('ConditionRateRatio', [24, 9], (row) =>
      isDiscount(row) ? rateText(row, read(row)) : '0',
    ),
    text('ConditionRateRatioUnit', 3, (row) => (isDiscount(row) ? '%' : '')),
    decimal('ConditionRateAmount', [24, 9], (row) =>
      isDiscount(row) ? '0' : rateText(row, read(row)),
    ),
    text('ConditionCurrency', 5, (row) => (isDiscount(row) ? '' : currency(row))),
  ];

  const records: EntitySet<number> = {
    name: 'A_SlsPrcgConditionRecord',
    label: 'Condition Record',
    key: ['ConditionRecord'],
    properties: [
      keyText('ConditionRecord', 10, number),
      fixed('ConditionSequentialNumber', 2, '1'),
      text('ConditionTable', 3, (row) => (isDiscount(row) ? '029' : '304')),
      fixed('ConditionApplication', 2, 'V'),
      text('ConditionType', 4, typeOf),
      day('ConditionValidityEndDate', to),
      day('ConditionValidityStartDate', from),
      fixed('CreatedByUser', 12, 'PRICING'),
      day('CreationDate', (row) => conditions.createdAtMs.get(row)),
      text('PricingScaleType', 1, (row) => (scalesOf(row).length > 0 ? 'A' : '')),
      text('PricingScaleBasis', 1, (row) => (scalesOf(row).length > 0 ? 'C' : '')),
      text('ConditionCalculationType', 1, (row) => (isDiscount(row) ? 'A' : 'C')),
      ...rate((row) => conditions.rate.get(row)),
      decimal('ConditionQuantity', [5, 0], (row) => (isDiscount(row) ? '0' : '1')),
      text('ConditionQuantityUnit', 3, (row) => (isDiscount(row) ? '' : BASE_UNIT)),
      text('BaseUnit', 3, (row) => (isDiscount(row) ? '' : BASE_UNIT)),
      flag('ConditionIsDeleted', (row) => conditions.isDeleted.get(row) === 1),
      fixed('ConditionReleaseStatus', 1, ''),
      instant('LastChangeDateTime', (row) => fineInstant(conditions.stamp.get(row))),
      text('ETag', 40, etag, { isConcurrencyToken: true, isUpdatable: false }),
    ],
    navigations: [
      {
        name: 'to_SlsPrcgCndnRecdValidity',
        target: 'A_SlsPrcgCndnRecdValidity',
        multiplicity: '*',
        rows: (row) => [row],
      },
      {
        name: 'to_SlsPrcgCndnRecordScale',
        target: 'A_SlsPrcgCndnRecordScale',
        multiplicity: '*',
        rows: scalesOf,
      },
    ],
    source: layoutSource(layout, {
      ConditionRecord: ascendingIndex(layout, number),
      LastChangeDateTime: stampIndex({
        changes: conditions.changes,
        rowOf: (row) => row,
        rankOf: (row) => row,
      }),
    }),
  };

  const endOf = (row: number): number => to(row);
  const validityLayout: Layout<number> = { ...layout, keyOf: (row) => [number(row), endOf(row)] };
  const validities: EntitySet<number> = {
    name: 'A_SlsPrcgCndnRecdValidity',
    label: 'Condition Validity',
    key: ['ConditionRecord', 'ConditionValidityEndDate'],
    properties: [
      keyText('ConditionRecord', 10, number),
      day('ConditionValidityEndDate', endOf, 0, { isNullable: false }),
      day('ConditionValidityStartDate', from),
      fixed('ConditionApplication', 2, 'V'),
      text('ConditionType', 4, typeOf),
      fixed('ConditionReleaseStatus', 1, ''),
      text('MaterialGroup', 9, (row) =>
        isDiscount(row) ? (model.materialGroups[conditions.subject.get(row)] ?? '') : '',
      ),
      text('Material', 40, material),
      text('SalesOrganization', 4, (row) => area(row)?.organization ?? ''),
      text('DistributionChannel', 2, (row) => area(row)?.distributionChannel ?? ''),
      fixed('Division', 2, ''),
      fixed('Customer', 10, ''),
      text('TransactionCurrency', 5, currency),
      text('ETag', 40, etag, { isUpdatable: false }),
    ],
    navigations: [
      {
        name: 'to_SlsPrcgConditionRecord',
        target: 'A_SlsPrcgConditionRecord',
        multiplicity: '0..1',
        rows: (row) => [row],
      },
    ],
    source: layoutSource(validityLayout, {
      ConditionRecord: ascendingIndex(validityLayout, number),
      Material: lookupIndex(validityLayout, material, (value) =>
        conditions.recordsOf(
          world.catalogue.byNumber.get(String(value)) ?? Number.MAX_SAFE_INTEGER,
        ),
      ),
    }),
  };

  const recordOf = (scale: number): number => conditions.scaleRecord.get(scale);
  const scaleLine = (scale: number): string =>
    String(scale - conditions.firstScale.get(recordOf(scale)) + 1);
  const scaleLayout: Layout<number> = {
    count: () => conditions.scaleLength,
    rowAt: (position) => position,
    keyOf: (scale) => [number(recordOf(scale)), '1', scaleLine(scale)],
  };
  const scales: EntitySet<number> = {
    name: 'A_SlsPrcgCndnRecordScale',
    label: 'Condition Scale',
    key: ['ConditionRecord', 'ConditionSequentialNumber', 'ConditionScaleLine'],
    properties: [
      keyText('ConditionRecord', 10, (scale) => number(recordOf(scale))),
      keyText('ConditionSequentialNumber', 2, () => '1'),
      keyText('ConditionScaleLine', 4, scaleLine),
      quantity(
        'ConditionScaleQuantity',
        (scale) => conditions.scaleFrom.get(scale),
        'ConditionScaleQuantityUnit',
        [15, 3],
      ),
      fixed('ConditionScaleQuantityUnit', 3, BASE_UNIT),
      decimal('ConditionRateValue', [12, 3], (scale) => minorText(conditions.scaleRate.get(scale))),
      text('ConditionRateValueUnit', 5, (scale) => currency(recordOf(scale))),
      decimal('ConditionRateAmount', [24, 9], (scale) =>
        minorText(conditions.scaleRate.get(scale)),
      ),
      text('ConditionCurrency', 5, (scale) => currency(recordOf(scale))),
      text('ETag', 40, (scale) => etag(recordOf(scale)), { isUpdatable: false }),
    ],
    source: layoutSource(scaleLayout, {
      ConditionRecord: ascendingIndex(scaleLayout, (scale) => number(recordOf(scale))),
    }),
  };
  return {
    name: 'API_SLSPRICINGCONDITIONRECORD_SRV',
    version: 2,
    entitySets: [records, validities, scales],
  };
};
