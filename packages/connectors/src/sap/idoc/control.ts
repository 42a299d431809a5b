/** The control record: who sent an IDoc, which one it is, and when it was made. */
import type { JsonObject } from '@headrace/sdk';
import { object } from '../json.js';
import { localInstant, startOfDay } from '../time.js';
import { clockOf, dayOf, field } from './segments.js';

export function controlOf(record: JsonObject): JsonObject | undefined {
  return object(record.EDI_DC40) ?? undefined;
}

/** Number of the IDoc at its sender; senders without numbers of their own give an archive key. */
export function documentOf(record: JsonObject): string | null {
  const control = controlOf(record);
  return field(control, 'DOCNUM') ?? field(control, 'ARCKEY');
}

export function senderOf(record: JsonObject): string {
  return field(controlOf(record), 'SNDPRN') ?? '';
}

/** A number without the zeros it is filled up with. */
export function plain(number: string): string {
  return number.replace(/^0+(?=\d+$)/, '');
}

const serialPattern = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{6,12}$/;

/**
 * Orders the IDocs of one object: by the time the object was serialized, else by that the IDoc was
 * made at, then by number. A text of one shape, so that texts compare as the times do.
 */
export function versionOf(record: JsonObject): string | null {
  const control = controlOf(record);
  const serial = field(control, 'SERIAL');
  const number = documentOf(record);
  const made = `${field(control, 'CREDAT') ?? ''}${(field(control, 'CRETIM') ?? '').padEnd(6, '0')}`;
  const at = serial !== null && serialPattern.test(serial) ? serial : made;
  if (number === null || !/^\d{14,20}$/.test(at)) return null;
  return `${at.padEnd(20, '0')}.${number.padStart(16, '0')}`;
}

/** When the IDoc was made. */
export function madeAt(record: JsonObject, timeZone: string): string | null {
  const control = controlOf(record);
  return instantOf(field(control, 'CREDAT'), field(control, 'CRETIM'), timeZone);
}

/** A day, and the time of it where there is one, on the clocks of the zone. */
export function instantOf(
  date: string | null,
  time: string | null,
  timeZone: string,
): string | null {
  const [day, clock] = [dayOf(date), clockOf(time)];
  if (day === null) return null;
  return clock === null ? startOfDay(day, timeZone) : localInstant(day, clock, timeZone);
}
