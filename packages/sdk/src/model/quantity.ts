import { HeadraceError } from '../connector/errors.js';
import { divideRounded, formatDecimal, readDecimal, scaleDigits } from './decimal.js';
import { findUnit, isUnit } from './units.js';

/** A quantity as records carry it: exact decimal text and a UN/ECE Rec 20 unit. */
export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** A quantity to calculate with: millionths of its unit, in a bigint as money is. */
export interface ScaledQuantity {
  readonly valueMicros: bigint;
  readonly unit: string;
}

/** Reads a quantity of a record. Throws `E_QUANTITY_…` when it is malformed or unknown. */
export function parseQuantity(quantity: Quantity): ScaledQuantity {
  if (!isUnit(quantity.unit)) throw unknownUnit();
  const valueMicros = readDecimal(quantity.value, scaleDigits);
  if (valueMicros === 'malformed') {
    throw new HeadraceError('record', 'The quantity is not a plain decimal number.', {
      code: 'E_QUANTITY_MALFORMED',
      context: { unit: quantity.unit },
    });
  }
  if (valueMicros === 'too-fine') throw tooFine(quantity.unit);
  return { valueMicros, unit: quantity.unit };
}

/** Writes a quantity in canonical text: no needless zeros. */
export function formatQuantity(quantity: ScaledQuantity): Quantity {
  return { value: formatDecimal(quantity.valueMicros, scaleDigits, 0), unit: quantity.unit };
}

/** The quantity as connectors put it into fields: checked, in canonical text. */
export function toQuantity(value: string, unit: string): Quantity {
  return formatQuantity(parseQuantity({ value, unit }));
}

/** A count of pieces, the quantity most systems mean when they state no unit. */
export function pieces(count: bigint | number): Quantity {
  if (typeof count === 'number' && !Number.isSafeInteger(count)) {
    throw new HeadraceError('record', 'A count of pieces is a whole number.', {
      code: 'E_QUANTITY_MALFORMED',
      context: { unit: 'C62' },
    });
  }
  return { value: BigInt(count).toString(), unit: 'C62' };
}

/** The sum of two quantities of one unit. */
export function addQuantity(left: ScaledQuantity, right: ScaledQuantity): ScaledQuantity {
  assertSameUnit(left, right);
  return { valueMicros: left.valueMicros + right.valueMicros, unit: left.unit };
}

/** `left` less `right`, both of one unit. */
export function subtractQuantity(left: ScaledQuantity, right: ScaledQuantity): ScaledQuantity {
  assertSameUnit(left, right);
  return { valueMicros: left.valueMicros - right.valueMicros, unit: left.unit };
}

/** The quantity with the other sign. */
export function negateQuantity(quantity: ScaledQuantity): ScaledQuantity {
  return { valueMicros: -quantity.valueMicros, unit: quantity.unit };
}

/** -1, 0 or 1 as `left` is less than, equal to or more than `right`, both of one unit. */
export function compareQuantity(left: ScaledQuantity, right: ScaledQuantity): -1 | 0 | 1 {
  assertSameUnit(left, right);
  if (left.valueMicros === right.valueMicros) return 0;
  return left.valueMicros < right.valueMicros ? -1 : 1;
}

/**
 * The quantity in another unit of its dimension. Results finer than 6 decimals are refused unless
 * `round` is given. Packs need their content, which is the variant's to say: `E_QUANTITY_CONVERSION`.
 */
export function convertQuantity(
  quantity: ScaledQuantity,
  unit: string,
  options: { readonly round?: boolean } = {},
): ScaledQuantity {
  if (quantity.unit === unit) return quantity;
  const from = findUnit(quantity.unit);
  const to = findUnit(unit);
  if (from === null || to === null) throw unknownUnit();
  if (from.dimension !== to.dimension || from.ratio === null || to.ratio === null) {
    throw new HeadraceError('record', 'No fixed ratio between these units.', {
      code: 'E_QUANTITY_CONVERSION',
      hint: 'Give the content of the pack on the variant, or map to its base unit.',
      context: { from: quantity.unit, to: unit },
    });
  }
  const dividend = quantity.valueMicros * from.ratio[0] * to.ratio[1];
  const divisor = from.ratio[1] * to.ratio[0];
  if (options.round !== true && dividend % divisor !== 0n) throw tooFine(unit);
  return { valueMicros: divideRounded(dividend, divisor), unit };
}

function assertSameUnit(left: ScaledQuantity, right: ScaledQuantity): void {
  if (left.unit === right.unit) return;
  throw new HeadraceError('record', 'Quantities of two units cannot be combined.', {
    code: 'E_QUANTITY_UNIT_MISMATCH',
    context: { left: left.unit, right: right.unit },
  });
}

function unknownUnit(): HeadraceError {
  return new HeadraceError('record', 'The unit of measure is not one of UN/ECE Rec 20.', {
    code: 'E_QUANTITY_UNIT',
    hint: 'Map the source’s unit to its Rec 20 code: C62 piece, KGM kilogram, MTR metre.',
  });
}

function tooFine(unit: string): HeadraceError {
  return new HeadraceError('record', 'The quantity has more than 6 decimals.', {
    code: 'E_QUANTITY_PRECISION',
    context: { unit },
  });
}
