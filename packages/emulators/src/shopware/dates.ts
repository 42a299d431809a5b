/** Shopware writes instants as `2026-05-04T10:11:12.345+00:00`. */

const DAY_MS = 86_400_000;

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Days since 1970 to a calendar date (Howard Hinnant's algorithm); no Date object per field. */
const calendarDate = (day: number): string => {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(dayOfMonth)}`;
};

let knownDay = Number.NaN;
let knownDate = '';

export const formatDate = (atMs: number): string => {
  const day = Math.floor(atMs / DAY_MS);
  if (day !== knownDay) {
    knownDay = day;
    knownDate = calendarDate(day);
  }
  return knownDate;
};

export const formatInstant = (atMs: number): string => {
  const date = formatDate(atMs);
  const rest = atMs - Math.floor(atMs / DAY_MS) * DAY_MS;
  const hours = Math.floor(rest / 3_600_000);
  const minutes = Math.floor(rest / 60_000) % 60;
  const seconds = Math.floor(rest / 1_000) % 60;
  const millis = Math.floor(rest % 1_000);
  return `${date}T${two(hours)}:${two(minutes)}:${two(seconds)}.${String(millis).padStart(3, '0')}+00:00`;
};

/** The time of a filter value: any form MySQL would take; without a zone it is UTC. */
export const parseInstant = (text: string): number => {
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text);
  const isDateOnly = /^\d{4}-\d\d-\d\d$/.test(text);
  return Date.parse(isDateOnly || hasZone ? text : `${text.replace(' ', 'T')}Z`);
};
