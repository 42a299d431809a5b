/** Entry of a verifying thread: ranges in, what was found out. */
import { parentPort } from 'node:worker_threads';
import { type RangeTask, verifyRange } from './verify-range.js';

parentPort?.on('message', (task: RangeTask | null) => {
  if (task === null) parentPort?.close();
  else parentPort?.postMessage(verifyRange(task));
});
