/**
 * The process that features are read from: a platform with fifty values and lines sent to it. It notes how
 * long each read took here: from when its request was there until its answer was handed over.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import {
  defineProject,
  prepareProject,
  startPlatform,
} from '../../../packages/platform/dist/app/index.js';
import { wide } from './fact-store.js';
import { till } from './till.js';

const [folder = ''] = process.argv.slice(2);
const nothing = () => undefined;
const platform = await startPlatform({
  project: prepareProject(
    defineProject({
      ...{ timeZone: 'Europe/Amsterdam', currency: 'EUR', languages: ['nl-NL'] },
      sources: { till: till({}) },
      features: [wide],
    }),
    { folder, variables: process.env, definition: 'bench' },
  ),
  folder,
  log: { debug: nothing, info: nothing, warn: nothing, error: console.error },
  listen: { host: '127.0.0.1', port: 0 },
  crash: (error) => {
    throw error;
  },
});
const begun = new WeakMap<IncomingMessage, number>();
let tookMs: { one: number[]; hundred: number[] } = { one: [], hundred: [] };
/** Longer bodies name a hundred keys. */
const oneKeyBytes = 100;
subscribe('http.server.request.start', (message) => {
  begun.set((message as { request: IncomingMessage }).request, performance.now());
});
subscribe('http.server.response.finish', (message) => {
  const { request } = message as { request: IncomingMessage };
  const at = begun.get(request);
  if (at === undefined || request.url !== '/v1/features/online') return;
  const isOne = Number(request.headers['content-length']) <= oneKeyBytes;
  tookMs[isOne ? 'one' : 'hundred'].push(performance.now() - at);
});

process.send?.({ url: platform.url, token: platform.token });
process.on('message', () => {
  const parity = platform.features.parity?.status();
  process.send?.({ parity, tookMs });
  tookMs = { one: [], hundred: [] };
});
