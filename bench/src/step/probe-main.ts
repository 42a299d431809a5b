/**
 * Process that asks a route at a fixed rate, whether or not answers come back in time, and counts
 * from when each question was due: waiting in line is part of what a caller sees.
 */
import { Agent, get } from 'node:http';
import { quantile } from '../shared/statistics.js';

export interface ProbeResult {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const port = Number(process.argv[2]);
const everyMs = 1000 / Number(process.argv[3]);
const agent = new Agent({ keepAlive: true });
let latencies: number[] = [];
let countFrom = 0;
let due = performance.now();

function ask(dueAt: number): void {
  const request = get({ port, host: '127.0.0.1', path: '/noop', agent }, (response) => {
    response.resume();
    response.on('end', () => {
      if (dueAt >= countFrom) latencies.push(performance.now() - dueAt);
    });
  });
  // The server ends before the last questions are answered.
  request.on('error', () => undefined);
}

setInterval(() => {
  for (const now = performance.now(); due <= now; due += everyMs) ask(due);
}, 1);

process.on('message', (message) => {
  if (message === 'begin') {
    latencies = [];
    countFrom = performance.now();
  } else {
    process.send?.({
      count: latencies.length,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      maxMs: quantile(latencies, 1),
    } satisfies ProbeResult);
  }
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
