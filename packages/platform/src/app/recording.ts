/** Records a source of the project and replays the recording at once, so that it is worth sending. */
import type { ConfiguredSource, ConnectorContext } from '@headrace/sdk';
import { ensureError } from '@headrace/sdk';
import {
  type RecordingReport,
  recordSource,
  replayRecording,
  testConnector,
  writeRecording,
} from '@headrace/sdk/testing';

export interface RecordedFolder {
  readonly folder: string;
  readonly files: readonly string[];
  /** Records by stream. */
  readonly records: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly stream: string; readonly reason: string }[];
  readonly report: RecordingReport;
  readonly cases: number;
  /** Cases of the contract suite that do not hold on the recording, with the reason. */
  readonly broken: readonly { readonly name: string; readonly reason: string }[];
}

export interface RecordOptions {
  readonly folder: string;
  readonly limit: number;
  readonly streams?: readonly string[];
}

export async function recordFolder(
  source: ConfiguredSource,
  context: ConnectorContext<never>,
  options: RecordOptions,
): Promise<RecordedFolder> {
  const { folder, limit, streams } = options;
  const wanted = { limit, ...(streams === undefined ? {} : { streams }) };
  const { recording, report, failed } = await recordSource(source, context, wanted);
  const files = writeRecording(folder, recording);
  const records = Object.entries(recording.info.streams).map(([name, stream]): [string, number] => [
    name,
    stream.records,
  ]);
  const { cases, broken } = await replay(source, folder);
  return { folder, files, records: Object.fromEntries(records), failed, report, cases, broken };
}

/** With the settings in use: functions among them are not in the recording. */
async function replay(source: ConfiguredSource, folder: string) {
  const recording = replayRecording(folder);
  const cases = testConnector(source, { clock: recording.clock, recording });
  const broken: { name: string; reason: string }[] = [];
  for (const { name, run } of cases) {
    await run().catch((thrown: unknown) => {
      const error = ensureError(thrown);
      const hint = error.hint === undefined ? '' : ` ${error.hint}`;
      broken.push({ name, reason: `${error.message}${hint}`.split('\n')[0] ?? '' });
    });
  }
  return { cases: cases.length, broken };
}
