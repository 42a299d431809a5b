/**
 * Reads of so many keys each, by the clock, however late the answers are: in a thread of its own, so
 * that what else the bench does is no part of what a read took. One key in ten was not asked for before.
 */
import { once } from 'node:events';
import { Agent } from 'node:http';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { byChance, openLoop } from '../shared/open-loop.js';
import { seeded } from '../shared/seeded.js';
import { type Address, read, type Shape } from './online-client.js';

export interface Reads {
  readonly to: Address;
  /** Keys of one read. */
  readonly size: number;
  readonly shape: Shape;
  readonly perSecond: number;
  readonly seconds: number;
  /** Keys asked for again and again, and keys there are. */
  readonly hotKeys: number;
  readonly keys: number;
  /** Which of so many threads this one is: no two ask for the same cold key. */
  readonly place: number;
  readonly of: number;
}

export interface ReadsDone {
  /** From when each was due until its answer was there. */
  readonly tookMs: readonly number[];
  readonly errors: number;
}

const warmReads = 100;
const reads = workerData as Reads;
const random = seeded(17 + reads.place);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
let cold = reads.hotKeys + reads.place;

function key(): string {
  if (random.next() >= 0.1) return `S${random.below(reads.hotKeys)}`;
  cold += reads.of;
  return `S${cold % reads.keys}`;
}

async function run(port: MessagePort): Promise<ReadsDone> {
  const tookMs: number[] = [];
  let errors = 0;
  const ask = async (dueMs: number) => {
    const asked = Array.from({ length: reads.size }, key);
    if ((await read(reads.to, agent, asked, reads.shape)).status !== 200) errors += 1;
    tookMs.push(performance.now() - dueMs);
  };
  // Until this thread's own code is compiled it would be most of what is measured.
  const hot = Array.from({ length: reads.size }, (_, at) => `S${at}`);
  for (let warm = 0; warm < warmReads; warm += 1) await read(reads.to, agent, hot, reads.shape);
  port.postMessage('ready');
  await once(port, 'message');
  await openLoop(reads, ask, byChance(reads.perSecond, random));
  agent.destroy();
  return { tookMs, errors };
}

if (parentPort !== null) parentPort.postMessage(await run(parentPort));
