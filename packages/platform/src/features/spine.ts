/** A spine as a request or a command states it. */
import { epochMs, HeadraceError, isInstant } from '@headrace/sdk';
import { allKeys, every, fromLabels, onEvent, type SpineRow } from './as-of.js';
import { type FeatureDefinition, type FeatureView, featureKey } from './definition.js';
import type { FeatureReader } from './feature-reader.js';
import { durationOf } from './windows.js';

export type SpineRequest =
  /** A row for each key at each step; all keys of the views when none are named. */
  | {
      readonly every: string;
      readonly from: string;
      readonly to: string;
      readonly keys?: readonly string[];
    }
  /** A row whenever something happened to a key of this view. */
  | { readonly onEvent: string; readonly from: string; readonly to: string }
  | { readonly labels: readonly LabelRow[] };

export interface LabelRow {
  readonly key: string | Readonly<Record<string, string | number>>;
  readonly at: string;
}

export function spineOf(
  reader: FeatureReader,
  definitions: readonly FeatureDefinition[],
  request: SpineRequest,
): Iterable<SpineRow> {
  const first = definitions[0];
  if (first === undefined) throw spineError('No view is named.');
  if ('labels' in request) {
    return fromLabels(
      request.labels.map(({ key, at }) => ({
        key: typeof key === 'string' ? key : featureKey(first.of, key),
        t: timeOf(at),
      })),
    );
  }
  const [from, to] = [timeOf(request.from), timeOf(request.to)];
  if (from >= to) throw spineError('The spine ends before it begins.');
  if ('onEvent' in request) {
    const view = reader.select([request.onEvent])[0];
    if (view?.kind !== 'view') throw spineError(`${request.onEvent} is derived; name a view.`);
    return onEvent(reader, view, from, to);
  }
  const view = first.kind === 'view' ? first : (first.views[0] as FeatureView);
  return every(request.keys ?? allKeys(reader, view), durationOf(request.every), from, to);
}

function timeOf(text: string): number {
  if (isInstant(text)) return epochMs(text);
  throw spineError(`${text} is no instant; write it like 2026-03-01T00:00:00Z.`);
}

function spineError(message: string): HeadraceError {
  return new HeadraceError('config', message, {
    code: 'E_SPINE',
    hint: 'A spine is {every, from, to}, {onEvent, from, to} or {labels: [{key, at}]}.',
  });
}
