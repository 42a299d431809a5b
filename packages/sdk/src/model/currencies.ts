import { HeadraceError } from '../connector/errors.js';

// ISO 4217 list one, by minor units. Codes without minor units (gold, drawing rights, test codes)
// are left out: no price is ever stated in them. Withdrawn codes stay while orders of the last
// years carry them.
const codesByDigits: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR
    LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD
    PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
    SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR
    ZMW ZWG
    ANG BGN CUC HRK SLL ZWL`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const digitsByCode: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByDigits).flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code) => [code, Number(digits)] as const),
  ),
);

/** Every currency code the model knows, in alphabetical order. */
export const currencyCodes: readonly string[] = [...digitsByCode.keys()].sort();

/** Whether the code is a currency prices can be stated in. */
export function isCurrency(code: string): boolean {
  return digitsByCode.has(code);
}

/** Digits behind the point of the currency's minor unit: EUR 2, JPY 0, KWD 3. */
export function currencyDigits(code: string): number {
  const digits = digitsByCode.get(code);
  if (digits !== undefined) return digits;
  throw new HeadraceError('record', 'The currency is not one of ISO 4217.', {
    code: 'E_MONEY_CURRENCY',
    hint: 'Map the source’s currency to its three letter ISO 4217 code.',
  });
}
