import { type Clock, HeadraceError } from '@headrace/sdk';
import type { Arrival } from './arrival.js';
import type { Planner } from './planner.js';
import type { ReadsUnderWay } from './reads-under-way.js';
import type { StepLoop } from './step-loop.js';
import type { StreamRunner } from './stream-runner.js';

export interface IngestParts {
  readonly runners: ReadonlyMap<string, StreamRunner>;
  readonly planner: Planner;
  readonly reads: ReadsUnderWay;
  readonly loop: StepLoop;
  readonly clock: Clock;
}

/**
 * Takes records that somebody sends as those of a stream, and journals who; resolves once they are
 * durable.
 */
export async function ingest(
  { runners, planner, reads, loop, clock }: IngestParts,
  principal: string,
  source: string,
  stream: string,
  records: readonly Uint8Array[],
  depths: readonly number[],
): Promise<number> {
  const runner = runners.get(`${source}/${stream}`);
  if (runner === undefined) {
    throw new HeadraceError('config', `There is no stream ${source}/${stream}.`, {
      code: 'E_NO_STREAM',
      hint: 'GET /v1/streams lists the streams there are.',
    });
  }
  const now = clock.now();
  const readSeq = planner.takeSeq();
  reads.begin(readSeq);
  const planned = runner.shownBy(readSeq);
  const arrivals = records.map(
    (bytes, index): Arrival => ({
      kind: 'record',
      stream: runner.runtime,
      bytes,
      depth: depths[index] ?? 1,
      readSeq,
      snapshot: false,
      times: { noticedAt: now, readAt: null, receivedAt: now },
      planned,
    }),
  );
  const said = { action: 'ingest', principal, source, stream, records: records.length };
  arrivals.push({ kind: 'entry', entry: 'control', source: '', stream: '', body: said });
  await loop.submit(arrivals).finally(() => reads.end(readSeq));
  return records.length;
}
