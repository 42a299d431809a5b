/**
 * Daily demand by the same weekday of last week, with an interval from how far that was off before.
 *
 *   value of a day    = what was asked for seven days earlier
 *   residual of a day = what was asked for − what was asked for seven days earlier
 *   interval          = value ± the ⌈(n + 1) · level⌉-th smallest of n residuals without their sign
 *
 * That is split-conformal: where the next residual is as likely as any to be the largest, the interval
 * holds it with at least its level, whatever shape residuals have. When the rank lies beyond n, n residuals
 * cannot tell that level; the largest of them tells n / (n + 1). Whole numbers only, millionths of a unit;
 * no clock, no chance.
 */

/** Names the model in the evidence; another calculation is another name. */
export const demandModel = 'seasonal-naive-7/1';

const week = 7;
/** Levels in thousandths: of the interval that is served, and of the wider one of a flagged answer. */
export const servedLevel = 900;
export const flaggedLevel = 950;
/** Fewest residuals from which the served interval can be told. */
const residualsMin = Math.ceil(servedLevel / (1000 - servedLevel));
/** Fewest whole days before the moment asked for. */
export const daysMin = week + residualsMin;

export interface Forecast {
  readonly valueMicros: number;
  readonly served: Interval;
  readonly flagged: Interval;
  /** Expected over the whole horizon. */
  readonly horizonMicros: number;
  readonly residuals: number;
}

export interface Interval {
  /** Thousandths; below the level asked for where residuals are too few for that. */
  readonly level: number;
  readonly lowMicros: number;
  readonly highMicros: number;
}

/**
 * What the day after the present one will ask for.
 *
 * @param daysMicros Demand of whole days, the last of them yesterday. Null with too few of them.
 */
export function forecastDemand(
  daysMicros: readonly number[],
  horizonDays: number,
): Forecast | null {
  if (daysMicros.length < daysMin) return null;
  const residuals = daysMicros
    .slice(week)
    .map((micros, index) => micros - (daysMicros[index] as number));
  // Tomorrow is two days after the last whole day.
  const valueMicros = sameWeekday(daysMicros, 2);
  let horizonMicros = 0;
  for (let ahead = 2; ahead < horizonDays + 2; ahead += 1) {
    horizonMicros += sameWeekday(daysMicros, ahead);
  }
  return {
    valueMicros,
    served: intervalOf(valueMicros, residuals, servedLevel),
    flagged: intervalOf(valueMicros, residuals, flaggedLevel),
    horizonMicros,
    residuals: residuals.length,
  };
}

/** The day so many days after the last, as it was in the last week there is. */
function sameWeekday(days: readonly number[], ahead: number): number {
  return days[days.length - week + ((ahead - 1) % week)] as number;
}

function intervalOf(valueMicros: number, residuals: readonly number[], wanted: number): Interval {
  const { micros, level } = conformalReach(residuals, wanted);
  // Nobody asks for less than nothing.
  return {
    lowMicros: Math.max(0, valueMicros - micros),
    highMicros: valueMicros + micros,
    level,
  };
}

/** How far a new residual reaches, and the level that can be told of it, at most the wanted one. */
export function conformalReach(
  residuals: readonly number[],
  wanted: number,
): { readonly micros: number; readonly level: number } {
  const { length } = residuals;
  const rank = Math.ceil(((length + 1) * wanted) / 1000);
  const sizes = residuals.map(Math.abs).sort((a, b) => a - b);
  const micros = sizes[Math.min(rank, length) - 1] ?? 0;
  return { micros, level: rank <= length ? wanted : Math.floor((length * 1000) / (length + 1)) };
}
