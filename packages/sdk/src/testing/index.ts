export * from './contract-options.js';
export { flowGroup, type TestGroup } from './flow-group.js';
export * from './http-client.js';
export {
  type PlaceToLook,
  type RecordedExchange,
  type RecordedRead,
  type RecordedStream,
  type Recording,
  type RecordingInfo,
  type RecordingReport,
  type ReplayedRecording,
  readRecording,
  recordSource,
  replayOf,
  replayRecording,
  type SourceRecording,
  writeRecording,
} from './recording/index.js';
export * from './test-connector.js';
export * from './test-context.js';
export { differingFields, type SinkContractOptions, testSink } from './test-sink.js';
export { type MappingRecord, type MappingTest, tryMapping } from './try-mapping.js';
export { Chance, VirtualTime } from './virtual-time.js';
