/** The project features are read from, and how a thread comes to a reader over its folder. */
import {
  defineProject,
  foldsOf,
  type LoadedProject,
  prepareProject,
} from '../../../packages/platform/dist/app/index.js';
import { tablesOf } from '../../../packages/platform/dist/engine/index.js';
import { FeatureReader } from '../../../packages/platform/dist/features/index.js';
import { createReader, openStore } from '../../../packages/platform/dist/storage/index.js';
import { wide } from './fact-store.js';
import { noteTimes } from './server-times.js';
import { till } from './till.js';

export function projectIn(folder: string): LoadedProject {
  const project = defineProject({
    ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'] },
    sources: { till: till({}) },
    features: [wide],
  });
  return prepareProject(project, { folder, variables: process.env, definition: 'bench' });
}

/** For the thread that answers reads. */
export async function openForThread(folder: string) {
  noteTimes();
  const loaded = projectIn(folder);
  const tables = tablesOf(foldsOf(loaded));
  const opened = openStore(folder, { readOnly: true, tables });
  const store = createReader(opened, tables);
  const { features: definitions, timeZone } = loaded.project;
  const features = new FeatureReader({ reader: store, definitions, timeZone });
  return { features, store, close: () => opened.close() };
}
