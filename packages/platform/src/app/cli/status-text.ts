import type { Status } from '../../api/index.js';
import { bytesText, countText, durationText, tableText } from './human.js';

/** Streams as a table, the journal beneath. */
export function statusText(status: Status, width: number): string {
  const rows = status.streams.map((stream) => [
    `${stream.source}/${stream.stream}`,
    stream.mode,
    countText(stream.records),
    stream.lagMs === null ? '' : durationText(Math.max(0, stream.lagMs.p50)),
    stream.lagMs === null ? '' : durationText(Math.max(0, stream.lagMs.p99)),
    durationText(stream.everyMs),
    stream.waiting === 0 ? '' : countText(stream.waiting),
    stream.state,
    stream.why ?? '',
  ]);
  const head = ['stream', 'mode', 'records', 'lag p50', 'p99', 'poll', 'waiting', 'state', 'why'];
  const { journal } = status;
  return [
    tableText(head, rows, { right: [2, 3, 4, 5, 6], width }),
    '',
    `journal ${countText(journal.entries)} entries, ${bytesText(journal.bytes)}, root ${status.root.slice(0, 16)}…`,
    ...(status.why === null ? [] : [`NOT WELL: ${status.why}`]),
  ].join('\n');
}
