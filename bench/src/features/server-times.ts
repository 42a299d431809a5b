/**
 * How long each read of features took where it is answered: from when its request was there until its
 * answer was handed over. It is answered by one thread and asked for by another.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { BroadcastChannel } from 'node:worker_threads';

export interface ServerTimes {
  readonly one: readonly number[];
  readonly hundred: readonly number[];
}

const channel = () => new BroadcastChannel('server-times');
/** Longer bodies name a hundred keys. */
const oneKeyBytes = 100;

/** Notes the times of this thread's answers, for whoever takes them. */
export function noteTimes(): void {
  const begun = new WeakMap<IncomingMessage, number>();
  let tookMs: { one: number[]; hundred: number[] } = { one: [], hundred: [] };
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
  const asked = channel();
  asked.onmessage = ({ data }) => {
    if (data !== 'take') return;
    asked.postMessage(tookMs);
    tookMs = { one: [], hundred: [] };
  };
  asked.unref();
}

/** What was noted since it was asked last. */
export async function takeTimes(): Promise<ServerTimes> {
  const ask = channel();
  const answered = new Promise<ServerTimes>((resolve) => {
    ask.onmessage = ({ data }) => resolve(data as ServerTimes);
  });
  ask.postMessage('take');
  const times = await answered;
  ask.close();
  return times;
}
