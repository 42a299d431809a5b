export { recordSource, type SourceRecording } from './record-source.js';
export {
  type RecordedExchange,
  type RecordedRead,
  type RecordedStream,
  type Recording,
  type RecordingInfo,
  readRecording,
  writeRecording,
} from './recording.js';
export { type ReplayedRecording, replayOf, replayRecording } from './replay.js';
export type { PlaceToLook, RecordingReport } from './report.js';
