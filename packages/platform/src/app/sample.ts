/** What the mapping of a stream makes of single records, outside the platform: nothing is stored. */
import {
  type ConnectorContext,
  type Cursor,
  checkFields,
  compilePersonal,
  ensureError,
  entityKey,
  HeadraceError,
  type Json,
  type JsonObject,
  type Page,
  type Stream,
  splitPage,
  splitPersonal,
} from '@headrace/sdk';
import type { EngineSource } from '../engine/index.js';

export interface MappedSample {
  readonly entity: string;
  readonly key: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SampleProblem {
  readonly record: string | null;
  /** Entity whose fields are wrong; null when the mapping itself failed. */
  readonly entity: string | null;
  readonly code: string;
  readonly message: string;
}

export interface Sample {
  readonly key: string | null;
  readonly version: string | null;
  readonly eventAt: string | null;
  /** As the mapping sees it: without its personal parts. */
  readonly record: JsonObject;
  /** The personal parts, which are sealed before anything is stored; only when asked for. */
  readonly personal?: JsonObject;
  readonly mapped: readonly MappedSample[];
  readonly problems: readonly SampleProblem[];
}

export function findSource(sources: readonly EngineSource[], name: string): EngineSource {
  const source = sources.find((one) => one.name === name);
  if (source !== undefined) return source;
  const known = sources.map((one) => one.name).join(', ');
  throw new HeadraceError('config', `There is no source ${name} in the project.`, {
    code: 'E_NO_SOURCE',
    hint: `Its sources are ${known}.`,
  });
}

export function findStream(source: EngineSource, name: string): Stream<never> {
  const streams = source.spec.streams(source.config as never) as readonly Stream<never>[];
  const stream = streams.find((one) => one.name === name);
  if (stream !== undefined) return stream;
  throw new HeadraceError('config', `The source ${source.name} has no stream ${name}.`, {
    code: 'E_NO_STREAM',
    hint: `Its streams are ${streams.map((one) => one.name).join(', ')}.`,
  });
}

/** The reference data a mapping reads, asked of the system. */
export async function readReference(
  source: EngineSource,
  context: ConnectorContext<never>,
): Promise<JsonObject> {
  return (await source.spec.context?.(context)) ?? {};
}

export function mapSample(
  stream: Stream<never>,
  config: unknown,
  record: JsonObject,
  reference: JsonObject,
  options: { readonly reveal: boolean },
): Sample {
  const paths = stream.personal === undefined ? null : compilePersonal(stream.personal.paths);
  const problems: SampleProblem[] = [];
  const key = attempt(() => stream.key(record), null);
  const attemptAt = (entity: string | null, work: () => void) => {
    try {
      work();
    } catch (thrown) {
      const { code, message } = ensureError(thrown);
      const isMapping = code === 'E_UNEXPECTED';
      problems.push({ record: key, entity, code: isMapping ? 'E_MAPPING' : code, message });
    }
  };
  if (key === null) {
    problems.push({ record: null, entity: null, code: 'E_RECORD_KEY', message: 'It has no key.' });
  }
  const { business, personal } =
    paths === null ? { business: record, personal: null } : splitPersonal(record, paths);
  // Outside the platform there is no key to make a real handle with; the person stays unnamed.
  const person = attempt(() => stream.personal?.subject(record) ?? null, null);
  const subject = person === null ? null : '0'.repeat(32);
  const mapped: MappedSample[] = [];
  attemptAt(null, () => {
    const context = { config: config as never, source: reference, subject };
    for (const { entity, fields } of stream.map(business, context)) {
      let checked: Readonly<Record<string, unknown>> = fields;
      let mappedKey: string | null = null;
      attemptAt(entity, () => {
        checked = checkFields(entity, fields) as Readonly<Record<string, unknown>>;
        mappedKey = entityKey(entity, checked);
      });
      mapped.push({ entity, key: mappedKey, fields: checked });
    }
  });
  return {
    key,
    version: attempt(() => stream.version(record), null),
    eventAt: attempt(() => stream.eventAt(record), null),
    record: business,
    ...(options.reveal && personal !== null ? { personal } : {}),
    mapped,
    problems,
  };
}

function attempt<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

/** About `limit` records as they come, the newest first, with all fields there are. */
export async function sampleRecords(
  stream: Stream<never>,
  context: ConnectorContext<never>,
  limit: number,
): Promise<JsonObject[]> {
  const records: JsonObject[] = [];
  let cursor: Cursor | null = null;
  do {
    const page: Page =
      stream.sample === undefined
        ? await stream.read(context, 'pass', cursor)
        : await stream.sample(context, limit);
    for (const { bytes } of splitPage(page.body, page.items).records) {
      if (records.length === limit) return records;
      const value = attempt(() => JSON.parse(Buffer.from(bytes).toString('utf8')) as Json, null);
      const record = asObject(value);
      if (record !== null) records.push(record);
    }
    cursor = stream.sample === undefined ? page.next : null;
  } while (cursor !== null && records.length < limit);
  return records;
}

/** Records of a sample file: what `connect read --json` wrote, a list, a page or a single record. */
export interface SampleFile {
  readonly reference: JsonObject | null;
  readonly records: readonly JsonObject[];
}

export function parseSampleFile(text: string): SampleFile {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new HeadraceError('config', 'The sample is not JSON.', {
      code: 'E_SAMPLE',
      hint: 'Make one with `headrace connect read SOURCE STREAM --limit 1 --json > sample.json`.',
      cause,
    });
  }
  const root = asObject(value);
  const reference = asObject(root?.['reference'] ?? null);
  const list = Array.isArray(value) ? value : (root?.['samples'] ?? root?.['data']);
  if (!Array.isArray(list)) return { reference, records: root === null ? [] : [root] };
  const records = list.map((item: Json) => {
    const object = asObject(item);
    return asObject(object?.['record'] ?? null) ?? object;
  });
  return { reference, records: records.filter((record) => record !== null) };
}

function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}
