/** Views over a data directory opened for reading, beside a platform that may be running on it. */
import { tablesOf } from '../engine/index.js';
import { FeatureReader, type ThreadOpener } from '../features/index.js';
import { systemClock } from '../ports/index.js';
import { createReader, openStore, type StoreReader } from '../storage/index.js';
import { demoOf } from './demo-folder.js';
import { loadForData } from './demo-project.js';
import type { Variables } from './environment.js';
import { dataFolder, type PlaceOptions } from './folders.js';
import { foldsOf } from './folds.js';

/** How a thread comes to a reader of its own over this place. */
export function openerOf({ data, config }: PlaceOptions): ThreadOpener {
  const given: PlaceOptions = {
    ...(data === undefined ? {} : { data }),
    ...(config === undefined ? {} : { config }),
  };
  return { module: import.meta.url, given };
}

export interface OpenFeatures {
  readonly features: FeatureReader;
  readonly store: StoreReader;
  /** Environment and `.env` of the project together. */
  readonly variables: Variables;
  /** The clock of the data: a demo's goes its own way. */
  now(): number;
  close(): void;
}

/**
 * For a thread that works on a set for a minute, beside a platform that writes: holding one moment of
 * the store for so long would let its log grow. What counts is bounded by the entries asked for.
 */
export const openForThread = (options: PlaceOptions): Promise<OpenFeatures> =>
  openFeatures(options, false);

export async function openFeatures(
  options: PlaceOptions,
  isOneMoment = true,
): Promise<OpenFeatures> {
  const loaded = await loadForData(options);
  const tables = tablesOf(foldsOf(loaded));
  const opened = openStore(dataFolder(options), { readOnly: true, tables });
  // One moment of a store that may be written meanwhile.
  if (isOneMoment) opened.main.exec('BEGIN');
  const store = createReader(opened, tables);
  const { features: definitions, timeZone } = loaded.project;
  return {
    features: new FeatureReader({ reader: store, definitions, timeZone }),
    store,
    variables: loaded.variables,
    now: systemClock(demoOf(options)?.clock).now,
    close: () => opened.close(),
  };
}
