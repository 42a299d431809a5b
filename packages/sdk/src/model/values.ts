import { z } from 'zod';
import { isZone } from './business-day.js';
import type { JsonValue } from './canonical-json.js';
import { currencyDigits, isCurrency } from './currencies.js';
import {
  canonicalDecimal,
  formatDecimal,
  isCanonicalDecimal,
  readDecimal,
  scaleDigits,
} from './decimal.js';
import { isGln, isGtin, isSscc } from './identifiers.js';
import { canonicalInstant, isDate, isInstant } from './instant.js';
import { canonicalLanguage, isLanguage } from './localized-text.js';
import { minorUnitMicros } from './money.js';
import { isUnit } from './units.js';

// The value types fields are made of. Checks also write the canonical text (`129.9` EUR becomes
// `129.90`), so that equal facts hash alike; running a checked value through again changes nothing.
// Each carries its name for the generated documentation as `type` in zod's metadata.

type Issue = { code: 'custom'; message: string; input: unknown; path?: PropertyKey[] };

function problem(input: unknown, message: string, path: PropertyKey[] = []): Issue {
  return { code: 'custom', message, input, path };
}

/** Text a person or system wrote; may be empty. */
export const text = z.string().meta({ type: 'text' });

/** An id or code as the business knows it; never empty. */
export const identifier = z.string().min(1).meta({ type: 'id' });

/** A whole number. */
export const integer = z.int().meta({ type: 'integer' });

/** A whole number of things, 0 or more. */
export const count = z.int().min(0).meta({ type: 'count' });

export const flag = z.boolean().meta({ type: 'yes/no' });

/** An exact decimal number as text: rates, scores, factors. */
export const decimal = z
  .string()
  .check((payload) => {
    const canonical = canonicalDecimal(payload.value);
    if (canonical !== null) payload.value = canonical;
    else payload.issues.push(problem(payload.value, 'must be a plain decimal number'));
  })
  .meta({ type: 'decimal' });

function moneySchema(type: string, isUnitPrice: boolean) {
  return z
    .strictObject({ amount: z.string(), currency: z.string() })
    .check((payload) => {
      const { amount, currency } = payload.value;
      if (!isCurrency(currency)) {
        payload.issues.push(problem(currency, 'must be an ISO 4217 code', ['currency']));
        return;
      }
      const digits = currencyDigits(currency);
      if (isCanonicalDecimal(amount, digits, isUnitPrice ? scaleDigits : digits)) return;
      const amountMicros = readDecimal(amount, scaleDigits);
      if (
        typeof amountMicros !== 'bigint' ||
        (!isUnitPrice && amountMicros % minorUnitMicros(currency) !== 0n)
      ) {
        payload.issues.push(problem(amount, 'must be a decimal of allowed precision', ['amount']));
        return;
      }
      const canonical = formatDecimal(amountMicros, scaleDigits, digits);
      if (canonical !== amount) payload.value = { amount: canonical, currency };
    })
    .meta({ type });
}

/** An amount that is paid: the currency's own digits. */
export const money = moneySchema('money', false);

/** An amount per unit: up to 6 decimals. */
export const unitMoney = moneySchema('unit money', true);

/** A quantity with its UN/ECE Rec 20 unit, up to 6 decimals. */
export const quantity = z
  .strictObject({ value: z.string(), unit: z.string() })
  .check((payload) => {
    const { value, unit } = payload.value;
    if (!isUnit(unit)) {
      payload.issues.push(problem(unit, 'must be a UN/ECE Rec 20 code', ['unit']));
      return;
    }
    if (isCanonicalDecimal(value, 0, scaleDigits)) return;
    const valueMicros = readDecimal(value, scaleDigits);
    if (typeof valueMicros !== 'bigint') {
      payload.issues.push(problem(value, 'must be a decimal of up to 6 digits', ['value']));
      return;
    }
    const canonical = formatDecimal(valueMicros, scaleDigits, 0);
    if (canonical !== value) payload.value = { value: canonical, unit };
  })
  .meta({ type: 'quantity' });

/** A point in time, RFC 3339, kept as it was told. */
export const instant = z
  .string()
  .refine(isInstant, 'must be an RFC 3339 instant')
  .meta({ type: 'instant' });

/** A point in time that is part of a key, so written one way only. */
export const keyInstant = z
  .string()
  .check((payload) => {
    const canonical = canonicalInstant(payload.value);
    if (canonical !== null) payload.value = canonical;
    else payload.issues.push(problem(payload.value, 'must be an RFC 3339 instant'));
  })
  .meta({ type: 'instant' });

/** A business date in the zone of its channel or location. */
export const date = z.string().refine(isDate, 'must be a date').meta({ type: 'date' });

/** An IANA time zone. */
export const zone = z.string().refine(isZone, 'must be an IANA zone').meta({ type: 'zone' });

/** A time of day, `HH:MM`, in the zone of its location. */
export const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
  .meta({ type: 'time of day' });

export const currency = z
  .string()
  .refine(isCurrency, 'must be an ISO 4217 code')
  .meta({ type: 'currency' });

/** An ISO 3166 country, two letters. */
export const country = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .meta({ type: 'country' });

export const language = z
  .string()
  .refine(isLanguage, 'must be a BCP 47 tag')
  .meta({ type: 'language' });

/** Text by language tag; tags are written canonically. */
export const localizedText = z
  .record(z.string(), z.string())
  .check((payload) => {
    let isCanonical = true;
    for (const tag of Object.keys(payload.value)) {
      const canonical = canonicalLanguage(tag);
      if (canonical === null) {
        payload.issues.push(problem(tag, 'must be a BCP 47 tag', [tag]));
        return;
      }
      if (canonical !== tag) isCanonical = false;
    }
    if (isCanonical) return;
    payload.value = Object.fromEntries(
      Object.entries(payload.value).map(([tag, value]) => [canonicalLanguage(tag) ?? tag, value]),
    );
  })
  .meta({ type: 'localized text' });

/** A GTIN, held with 14 digits. */
export const gtin = z
  .string()
  .check((payload) => {
    if (isGtin(payload.value)) payload.value = payload.value.padStart(14, '0');
    else payload.issues.push(problem(payload.value, 'must be a GTIN with its check digit'));
  })
  .meta({ type: 'GTIN-14' });

export const gln = z.string().refine(isGln, 'must be a GLN').meta({ type: 'GLN' });

export const sscc = z.string().refine(isSscc, 'must be an SSCC').meta({ type: 'SSCC' });

/** A picture, film or document; the file itself stays where it is. */
export const mediaReference = z
  .strictObject({
    mediaId: identifier.nullable().optional(),
    url: text.nullable().optional(),
    kind: z.enum(['image', 'video', 'document', 'model', 'other']).nullable().optional(),
    position: count.nullable().optional(),
    alternativeText: localizedText.nullable().optional(),
  })
  .meta({ type: 'media reference' });

/** What a person agreed to, for one purpose. */
export const consent = z
  .strictObject({
    purpose: identifier,
    isGiven: flag,
    at: instant.nullable().optional(),
    rawState: text.nullable().optional(),
  })
  .meta({ type: 'consent' });

/** A value of an attribute: text, number as text, yes/no, list or text by language. */
export const attributes = z
  .record(
    z.string(),
    z.union([z.string(), z.boolean(), z.null(), z.array(z.string()), localizedText]),
  )
  .meta({ type: 'attributes' });

const jsonDepthMax = 32;

function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object': {
      if (value === null) return true;
      if (depth >= jsonDepthMax) return false;
      if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) return false;
      return Object.values(value).every((item) => isJson(item, depth + 1));
    }
    default:
      return false;
  }
}

/** Any JSON of bounded depth. */
export const json = z
  .custom<JsonValue>((value) => isJson(value, 0), 'must be JSON')
  .meta({ type: 'JSON' });

/** Facts of one customer's own model, by namespace and name. */
export const traits = z
  .record(z.string().min(1), z.record(z.string().min(1), json))
  .meta({ type: 'traits' })
  .optional()
  .meta({ description: 'Fields of the own model, by namespace (`erp`, `pim`, …) and name.' });

/** A field a source may leave out (not told) or give as null (it says: empty). */
export function optional<Schema extends z.ZodType>(schema: Schema, description: string) {
  return schema.nullable().optional().meta({ description });
}

/** A field that must be there. */
export function required<Schema extends z.ZodType>(schema: Schema, description: string): Schema {
  return schema.meta({ description });
}

/** A list a source may leave out or give as null. */
export function list<Schema extends z.ZodType>(schema: Schema, description: string) {
  return z.array(schema).nullable().optional().meta({ description });
}
