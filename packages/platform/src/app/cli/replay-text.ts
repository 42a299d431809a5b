/** A replay from quarantine in words. */
import type { DryReplay, ReplayReport, Trial } from '../../engine/index.js';
import { countText } from './human.js';

const shownMax = 5;

export function replayLines(report: ReplayReport | DryReplay, isDry: boolean): string[] {
  const { group, waiting, replayed, corrected, failed, settled } = report;
  const what = isDry ? 'would be used' : 'are used now';
  const counts = [
    `${countText(replayed)} ${what}`,
    ...(corrected === 0 ? [] : [`${countText(corrected)} of them corrected`]),
    `${countText(failed)} fail`,
    ...(settled === 0 ? [] : [`${countText(settled)} waited no more`]),
  ];
  return [
    `${group}: ${countText(waiting)} waited, ${counts.join(', ')}`,
    ...report.errors.map(
      ({ code, message, count, record }) =>
        `  ✗ ${code} ${message} (${countText(count)}, such as ${record})`,
    ),
    ...('samples' in report ? report.samples.slice(0, shownMax).flatMap(trialLines) : []),
    ...(isDry ? ['Nothing was written.'] : []),
  ];
}

export function trialLines({ record, corrected, in: given, out, error }: Trial): string[] {
  return [
    `  ${record}${corrected ? ' (corrected)' : ''}`,
    `    in   ${given === null ? 'cannot be read' : JSON.stringify(given)}`,
    ...(error === null
      ? (out ?? []).map(
          ({ entity, key, fields }) => `    out  ${entity} ${key} ${JSON.stringify(fields)}`,
        )
      : [`    ✗    ${error.code} ${error.message}`]),
  ];
}
