/** Views over a data directory opened for reading, beside a platform that may be running on it. */
import { tablesOf } from '../engine/index.js';
import { FeatureReader } from '../features/index.js';
import { systemClock } from '../ports/index.js';
import { createReader, openStore, type StoreReader } from '../storage/index.js';
import { demoOf } from './demo-folder.js';
import { loadForData } from './demo-project.js';
import { dataFolder, type PlaceOptions } from './folders.js';
import { foldsOf } from './folds.js';

export interface OpenFeatures {
  readonly features: FeatureReader;
  readonly store: StoreReader;
  /** The clock of the data: a demo's goes its own way. */
  now(): number;
  close(): void;
}

export async function openFeatures(options: PlaceOptions): Promise<OpenFeatures> {
  const loaded = await loadForData(options);
  const tables = tablesOf(foldsOf(loaded));
  const opened = openStore(dataFolder(options), { readOnly: true, tables });
  // One moment of a store that may be written meanwhile.
  opened.main.exec('BEGIN');
  const store = createReader(opened, tables);
  const { features: definitions, timeZone } = loaded.project;
  return {
    features: new FeatureReader({ reader: store, definitions, timeZone }),
    store,
    now: systemClock(demoOf(options)?.clock).now,
    close: () => opened.close(),
  };
}
