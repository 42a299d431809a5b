/**
 * Made-up values in the shape of real ones. The same value gives the same one throughout a
 * recording, so keys still join; the key they are drawn with is thrown away, so nobody gets back.
 */
import { createHmac } from 'node:crypto';

export interface Pseudonyms {
  /** Text of the same shape: length, letters, digits, punctuation. */
  of(value: string): string;
  /** A number of the same length as JSON writes it. */
  ofNumber(raw: string): string;
  /** It was made here. */
  isOurs(value: string): boolean;
}

/** Values of one or two signs run out of others; so many tries and it is taken as it is. */
const TRIES_MAX = 200;

/**
 * @param isTaken Whether a candidate is a value of the real system: then another is drawn.
 */
export function createPseudonyms(
  key: Uint8Array,
  isTaken: (candidate: string) => boolean,
): Pseudonyms {
  const known = new Map<string, string>();
  const owners = new Map<string, string>();
  const given = new Set<string>();

  function draw(kind: string, value: string, make: (signs: Signs) => string): string {
    const identity = `${kind} ${value}`;
    const found = known.get(identity);
    if (found !== undefined) return found;
    let made = value;
    for (let count = 0; count < TRIES_MAX; count += 1) {
      made = make(signsOf(key, `${identity} ${count}`));
      const isFree = !owners.has(made) && made !== value && !isTaken(made);
      if (isFree) break;
    }
    known.set(identity, made);
    owners.set(made, identity);
    return made;
  }

  /** SAP shows one number with and without leading zeros; both stay the same number. */
  function digits(value: string): string {
    const core = value.replace(/^0+/, '');
    if (core === '') return value;
    const made = draw('digits', core, (signs) => {
      const [, ...rest] = core;
      return signs.digit(1) + rest.map(() => signs.digit()).join('');
    });
    return value.slice(0, value.length - core.length) + made;
  }

  function text(value: string): string {
    if (EMAIL.test(value)) {
      return draw('email', value.toLowerCase(), (signs) => `${signs.hex(10)}@example.com`);
    }
    if (DIGITS.test(value)) return digits(value);
    const date = DATE.exec(value);
    if (date !== null) return draw('date', value, (signs) => dated(date, signs));
    // Written in several ways, `+31 6 1234` and `+31-61234` are one phone.
    if (PHONE.test(value)) return refill(value, digits(value.replace(/\D/g, '')));
    if (UUID.test(value) || HEX.test(value)) {
      const made = draw('hex', value.toLowerCase(), (signs) => hexadecimal(value, signs));
      return value === value.toUpperCase() ? made.toUpperCase() : made;
    }
    return draw('text', value, (signs) => signed(value, signs));
  }

  return {
    of(value) {
      const core = value.trim();
      if (core === '') return value;
      const made = text(core);
      given.add(made);
      return value.replace(core, () => made);
    },
    ofNumber(raw) {
      const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(raw) ?? [];
      const tail =
        rest === ''
          ? ''
          : draw('fraction', rest, (signs) => rest.replace(/\d/g, () => signs.digit(1)));
      return `${sign}${digits(whole)}${tail}`;
    },
    isOurs: (value) => given.has(value),
  };
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const DIGITS = /^\d+$/;
const PHONE = /^\+?[\d][\d ()./-]{5,}\d$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:([T ])(\d\d):(\d\d)(.*))?$/;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const HEX = /^(?=.*\d)(?:[\da-f]{8,}|[\dA-F]{8,})$/;

/** A day that is there in every year, so that whoever reads dates can read this one. */
function dated(parts: RegExpExecArray, signs: Signs): string {
  const [, , , , between, hour, , rest = ''] = parts;
  const two = (from: number, count: number) => String(from + signs.below(count)).padStart(2, '0');
  const day = `${1950 + signs.below(50)}-${two(1, 12)}-${two(1, 28)}`;
  return hour === undefined ? day : `${day}${between}${two(0, 24)}:${two(0, 60)}${rest}`;
}

/** The version and variant of a UUID stay; validators look at them. */
function hexadecimal(value: string, signs: Signs): string {
  const isUuid = value.includes('-');
  return [...value.toLowerCase()]
    .map((sign, index) =>
      sign === '-' || (isUuid && [14, 19].includes(index)) ? sign : signs.hex(1),
    )
    .join('');
}

function signed(value: string, signs: Signs): string {
  return value.replace(/\p{L}|\p{Nd}/gu, (sign) => {
    if (/\p{Nd}/u.test(sign)) return signs.digit();
    return /\p{Lu}/u.test(sign) ? signs.letter().toUpperCase() : signs.letter();
  });
}

function refill(shape: string, digits: string): string {
  let index = 0;
  return shape.replace(/\d/g, () => digits[index++] as string);
}

interface Signs {
  below(count: number): number;
  digit(from?: number): string;
  letter(): string;
  hex(count: number): string;
}

/** As many as are asked for; the slight bias of a remainder tells nobody anything. */
function signsOf(key: Uint8Array, seed: string): Signs {
  let block = Buffer.alloc(0);
  let blocks = 0;
  const below = (count: number): number => {
    if (block.length < 4) {
      block = createHmac('sha256', key).update(`${blocks} ${seed}`).digest();
      blocks += 1;
    }
    const value = block.readUInt32BE(0);
    block = block.subarray(4);
    return value % count;
  };
  return {
    below,
    digit: (from = 0) => String(from + below(10 - from)),
    letter: () => String.fromCharCode(97 + below(26)),
    hex: (count) => Array.from({ length: count }, () => below(16).toString(16)).join(''),
  };
}
