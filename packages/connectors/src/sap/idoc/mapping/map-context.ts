import type { JsonObject, MapContext } from '@headrace/sdk';
import type { IdocConfig } from '../config.js';
import { controlOf, documentOf, instantOf, plain } from '../control.js';
import { field } from '../segments.js';

export type IdocMapContext = MapContext<IdocConfig>;

/** Facts every entity keeps of the IDoc it came in. */
export function traitsOf(record: JsonObject, own: Readonly<Record<string, string | null>> = {}) {
  const all = {
    docnum: plainOr(documentOf(record)),
    messageType: field(controlOf(record), 'MESTYP'),
    ...own,
  };
  const told = Object.entries(all).filter(([, value]) => value !== null);
  return { traits: { idoc: Object.fromEntries(told) } };
}

const plainOr = (number: string | null) => (number === null ? null : plain(number));

/** An instant of a day and a time of IDocs, undefined where there is no day. */
export function at(
  date: string | null,
  time: string | null,
  { timeZone }: IdocConfig,
): string | undefined {
  return instantOf(date, time, timeZone) ?? undefined;
}
