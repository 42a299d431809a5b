import { ODataError } from '../odata/errors.js';
import type { PropertyValue, WriteValues } from '../odata/model.js';
import { isInstant, msOf } from '../odata/values.js';
import { DAY_MS } from '../retailer/parameters.js';

/** Taking values apart that somebody wants written, and saying no as the application does. */

/** A business message: class and number, and the property it is about. */
export const refuse = (code: string, message: string, target?: string): ODataError =>
  new ODataError(400, code, message, target === undefined ? {} : { target });

export const textIn = (values: WriteValues, name: string): string => {
  const value = values[name];
  return typeof value === 'string' ? value.trim() : '';
};

export const rowsIn = (values: WriteValues, name: string): readonly WriteValues[] => {
  const value = values[name];
  return Array.isArray(value) ? value : [];
};

/** Start of a day, or undefined where none is given. */
export const dayIn = (values: WriteValues, name: string): number | undefined => {
  const value = values[name] as PropertyValue | undefined;
  if (value === undefined || !isInstant(value)) return undefined;
  const ms = msOf(value);
  if (ms % DAY_MS !== 0) throw refuse('00/065', `Date ${name} must not have a time of day`, name);
  return ms;
};

/** A whole number of pieces. */
export const piecesIn = (values: WriteValues, name: string, what: string): number => {
  const given = textIn(values, name);
  if (!/^\d{1,9}(?:\.0*)?$/.test(given) || Number(given) === 0) {
    throw refuse('V1/384', `${what}: enter a quantity in whole pieces greater than zero`, name);
  }
  return Number(given);
};

/** An amount in minor units of a currency with two decimals. */
export const minorIn = (values: WriteValues, name: string): number => {
  const given = textIn(values, name);
  const match = /^(-?)(\d{1,11})(?:\.(\d{1,2})0*)?$/.exec(given);
  if (match === null)
    throw refuse('VE/105', `Amount ${given} has more decimals than its currency`, name);
  const minor = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0'));
  return match[1] === '-' ? -minor : minor;
};
