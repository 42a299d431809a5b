/** A nightly window in which the system is down for its batch jobs or its backup. */

export interface QuietHours {
  /** `22:30`, the first minute of it. */
  readonly from: string;
  /** `04:00`, the first minute behind it; before `from` it is on the next day. */
  readonly to: string;
  /** IANA name of the zone the two are meant in; UTC when left out. */
  readonly timeZone?: string;
}

const DAY_MINUTES = 24 * 60;

const minuteOf = (text: string): number => {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (match === null) throw new RangeError(`'${text}' is no time of day: write it as 22:30`);
  return Number(match[1]) * 60 + Number(match[2]);
};

/** Milliseconds of quiet that are left at a moment, to the minute; 0 outside the window. */
export const createQuietCheck = (hours: QuietHours): ((nowMs: number) => number) => {
  const from = minuteOf(hours.from);
  const to = minuteOf(hours.to);
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: hours.timeZone ?? 'UTC',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (nowMs) => {
    const minute = minuteOf(format.format(nowMs));
    const isInside = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
    if (!isInside) return 0;
    const left = (to - minute + DAY_MINUTES) % DAY_MINUTES;
    return left * 60_000 - (nowMs % 60_000);
  };
};
