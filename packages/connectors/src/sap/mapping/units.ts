/** Units of SAP as UN/ECE Rec 20 codes, and quantities in them. */

import type { Json } from '@headrace/sdk';
import { HeadraceError, isUnit, type Quantity, toQuantity } from '@headrace/sdk';
import { lookUp, text } from '../json.js';
import { decimalOf } from '../odata/values.js';

/** SAP's own codes, as delivered (table T006) and in their commercial writing. */
const codes: Readonly<Record<string, string>> = {
  ...{ ST: 'C62', PC: 'C62', PCE: 'C62', EA: 'C62', STK: 'C62', H87: 'C62', C62: 'C62' },
  ...{ PAA: 'PR', PR: 'PR', DZ: 'DZN', DZN: 'DZN', GRO: 'GRO', TS: 'MIL' },
  ...{ KG: 'KGM', G: 'GRM', MG: 'MGM', TO: 'TNE', T: 'TNE', LB: 'LBR', OZ: 'ONZ' },
  ...{ M: 'MTR', MM: 'MMT', CM: 'CMT', DM: 'DMT', KM: 'KMT', '"': 'INH', IN: 'INH' },
  ...{ FT: 'FOT', YD: 'YRD', M2: 'MTK', CM2: 'CMK', MM2: 'MMK' },
  ...{ L: 'LTR', ML: 'MLT', CL: 'CLT', HL: 'HLT', M3: 'MTQ', DM3: 'DMQ', CM3: 'CMQ', CCM: 'CMQ' },
  ...{ S: 'SEC', MIN: 'MIN', H: 'HUR', HR: 'HUR', STD: 'HUR', D: 'DAY', TAG: 'DAY', DAY: 'DAY' },
  ...{ KAR: 'XCT', CT: 'XCT', CAR: 'XCT', CV: 'XCS', CS: 'XCS', PAL: 'XPX', PF: 'XPX' },
  ...{ PAK: 'XPK', PAC: 'XPK', BOX: 'XBX', BX: 'XBX', FL: 'XBO', BOT: 'XBO', BT: 'XBO' },
  ...{ SET: 'SET', KT: 'KT', ROL: 'XRO', RO: 'XRO', BAG: 'XBG', BG: 'XBG', LE: 'E48', AU: 'E48' },
};

/** The unit, or null where neither SAP's delivery nor UN/ECE knows the code. */
export function unitOf(code: string | null): string | null {
  if (code === null) return null;
  const upper = code.trim().toUpperCase();
  return lookUp(codes, upper) ?? (isUnit(upper) ? upper : null);
}

/** A quantity in its unit; a unit nobody knows is an error of the record, never a piece. */
export function quantityOf(value: Json | undefined, unit: Json | undefined): Quantity | undefined {
  const amount = decimalOf(value);
  if (amount === null) return undefined;
  return toQuantity(amount, knownUnit(text(unit)));
}

export function knownUnit(code: string | null): string {
  const unit = unitOf(code);
  if (unit !== null) return unit;
  throw new HeadraceError('record', `The unit ${code ?? 'of a quantity'} is not known.`, {
    code: 'E_SAP_UNIT',
    hint: 'Give the unit an ISO code in SAP (transaction CUNI).',
  });
}
