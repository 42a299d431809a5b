/**
 * What the journal tells of data on its way, as events of OpenLineage 2-0-2, for catalogues that draw it:
 *
 *   read.SOURCE.STREAM   a run for each hour in which the stream brought something
 *   flow.NAME            a run for each write that was begun, until all it names have ended
 *   view.NAME            which entity a view is made of; no runs, it is worked out at each read
 *
 * Events name offsets of the journal, numbers of records and canonical entities; never a key, a value
 * or a message of a system, which may be about a person. The same journal gives the same events, with
 * the same run ids, so an export can be made again and sent again.
 *
 * An hour is over once an entry of a later one is in the journal; until then its run is RUNNING.
 */
import type { JsonObject } from '@headrace/sdk';
import { decodeHeader, type EntryHeader, plainHash } from '../audit/index.js';
import type { OutcomeBody } from '../flows/index.js';
import type { JournalRow, StoreReader } from '../storage/index.js';

export interface LineageSpec {
  readonly tenant: string;
  /** Of the platform. */
  readonly version: string;
  /** Canonical entities that streams give, by `source/stream`. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  readonly flows: readonly {
    readonly name: string;
    readonly target: string;
    readonly reads: readonly string[];
    readonly writes: string;
  }[];
  readonly views: readonly {
    readonly name: string;
    readonly from: string;
    readonly description: string;
    readonly values: readonly string[];
  }[];
}

const spec = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs';
const facetOf = (file: string, name: string) =>
  `https://openlineage.io/spec/facets/${file}.json#/$defs/${name}`;
const batch = 2000;
const hourMs = 3_600_000;

interface Hour {
  readonly hour: number;
  readonly first: EntryHeader;
  last: EntryHeader;
  lastLeaf: Uint8Array;
  records: number;
  bytes: number;
}

interface Writing {
  readonly begun: EntryHeader;
  readonly left: Set<string>;
  written: number;
  readonly failed: Map<string, number>;
}

export function* openLineageOf(reader: StoreReader, given: LineageSpec): Iterable<JsonObject> {
  const make = eventsOf(given);
  const hours = new Map<string, Hour>();
  const writings = new Map<number, Writing>();
  const flows = new Map(given.flows.map((flow) => [flow.name, flow]));
  const end = reader.journalEnd();
  let knownAt = 0;
  for (let from = 0; from < end; from += batch) {
    for (const row of reader.journalRange(from, Math.min(batch, end - from))) {
      const header = decodeHeader(row.header);
      knownAt = header.knownAt;
      if (header.kind === 'record') {
        const name = `${header.source}/${header.stream}`;
        const open = hours.get(name);
        if (open !== undefined && open.hour !== hourOf(header)) {
          yield* make.read(name, open, true);
          hours.delete(name);
        }
        noteRecord(hours, name, header, row);
      } else if (header.kind === 'outcome' && flows.has(header.stream)) {
        const body = JSON.parse(Buffer.from(row.body).toString('utf8')) as OutcomeBody;
        if (body.action === 'begun') {
          const left = new Set(body.items.map(({ group }) => group));
          writings.set(header.offset, { begun: header, left, written: 0, failed: new Map() });
          yield make.writing(header);
        } else yield* ended(body, header, writings, make);
      }
    }
  }
  for (const [name, open] of hours) {
    yield* make.read(name, open, Math.floor(knownAt / hourMs) > open.hour);
  }
  for (const view of given.views) yield make.view(view, knownAt);
}

function noteRecord(
  hours: Map<string, Hour>,
  name: string,
  header: EntryHeader,
  row: JournalRow,
): void {
  const open = hours.get(name) ?? {
    ...{ hour: hourOf(header), first: header, last: header },
    ...{ lastLeaf: row.leaf, records: 0, bytes: 0 },
  };
  open.last = header;
  open.lastLeaf = row.leaf;
  open.records += 1;
  open.bytes += row.body.byteLength + (row.sealed?.byteLength ?? 0);
  hours.set(name, open);
}

function* ended(
  body: OutcomeBody & { readonly action: 'ended' },
  header: EntryHeader,
  writings: Map<number, Writing>,
  make: ReturnType<typeof eventsOf>,
): Iterable<JsonObject> {
  for (const { group, begun, kind, code } of body.items) {
    const writing = begun === undefined ? undefined : writings.get(begun);
    if (writing === undefined || begun === undefined || !writing.left.delete(group)) continue;
    if (kind === 'parked' || kind === 'again') {
      writing.failed.set(code ?? kind, (writing.failed.get(code ?? kind) ?? 0) + 1);
    } else writing.written += 1;
    if (writing.left.size > 0) continue;
    writings.delete(begun);
    yield make.written(writing, header);
  }
}

/** Events, with what all of them have. */
function eventsOf({ tenant, version, streams, flows }: LineageSpec) {
  const producer = `urn:headrace:platform:${version}`;
  const own = `headrace/${tenant}`;
  const facet = (schema: string, fields: JsonObject): JsonObject => ({
    ...{ _producer: producer, _schemaURL: schema },
    ...fields,
  });
  const jobOf = (name: string, processingType: string): JsonObject => ({
    ...{ namespace: own, name },
    facets: {
      jobType: facet(facetOf('2-0-3/JobTypeJobFacet', 'JobTypeJobFacet'), {
        ...{ processingType, integration: 'HEADRACE', jobType: 'JOB' },
      }),
    },
  });
  const entity = (name: string, more: JsonObject = {}): JsonObject => ({
    ...{ namespace: own, name },
    ...more,
  });
  /** Which entries of the journal it is about; the last one's leaf ties it to the log. */
  const journal = (from: number, to: number, leaf: Uint8Array | null): JsonObject => ({
    headrace_journal: facet(`${spec}/RunFacet`, {
      ...{ from, to },
      ...(leaf === null ? {} : { leaf: Buffer.from(leaf).toString('hex') }),
    }),
  });
  const event = (eventType: string, at: number, rest: JsonObject): JsonObject => ({
    ...{ eventType, eventTime: iso(at), producer, schemaURL: `${spec}/RunEvent` },
    ...rest,
  });
  const inputOf = (name: string): JsonObject => {
    const cut = name.indexOf('/');
    return { namespace: `${own}/${name.slice(0, cut)}`, name: name.slice(cut + 1) };
  };
  const flowOf = (name: string) => flows.find((flow) => flow.name === name);
  const flowParts = (name: string, rows: number | null): JsonObject => {
    const flow = flowOf(name);
    const statistics = facet(
      facetOf('1-0-2/OutputStatisticsOutputDatasetFacet', 'OutputStatisticsOutputDatasetFacet'),
      { rowCount: rows },
    );
    return {
      job: jobOf(`flow.${name}`, 'STREAMING'),
      inputs: (flow?.reads ?? []).map((one) => entity(one)),
      outputs: [
        {
          ...{ namespace: `${own}/${flow?.target ?? ''}`, name: flow?.writes ?? name },
          ...(rows === null ? {} : { outputFacets: { outputStatistics: statistics } }),
        },
      ],
    };
  };

  return {
    *read(name: string, open: Hour, isOver: boolean): Iterable<JsonObject> {
      const { first, last, hour, records, bytes, lastLeaf } = open;
      const runId = uuidOf(['read', own, name, String(hour)]);
      const nominalTime = facet(facetOf('1-0-1/NominalTimeRunFacet', 'NominalTimeRunFacet'), {
        nominalStartTime: iso(hour * hourMs),
        nominalEndTime: iso((hour + 1) * hourMs),
      });
      const job = jobOf(`read.${name.replace('/', '.')}`, 'STREAMING');
      const outputs = (streams.get(name) ?? []).map((one) => entity(one));
      const inputStatistics = facet(
        facetOf('1-0-0/InputStatisticsInputDatasetFacet', 'InputStatisticsInputDatasetFacet'),
        { rowCount: records, size: bytes },
      );
      yield event('START', first.knownAt, {
        ...{ run: { runId, facets: { nominalTime } }, job },
        ...{ inputs: [inputOf(name)], outputs },
      });
      yield event(isOver ? 'COMPLETE' : 'RUNNING', last.knownAt, {
        run: { runId, facets: { nominalTime, ...journal(first.offset, last.offset, lastLeaf) } },
        job,
        inputs: [{ ...inputOf(name), inputFacets: { inputStatistics } }],
        outputs,
      });
    },
    writing: ({ offset, stream, knownAt }: EntryHeader): JsonObject =>
      event('START', knownAt, {
        run: {
          runId: uuidOf(['flow', own, stream, String(offset)]),
          facets: journal(offset, offset, null),
        },
        ...flowParts(stream, null),
      }),
    written({ begun, written, failed }: Writing, { offset, knownAt }: EntryHeader): JsonObject {
      const refused = [...failed].map(([code, count]) => `${count} × ${code}`).join(', ');
      const errorMessage = facet(facetOf('1-0-1/ErrorMessageRunFacet', 'ErrorMessageRunFacet'), {
        message: `Not written: ${refused}`,
        programmingLanguage: 'TypeScript',
      });
      const runId = uuidOf(['flow', own, begun.stream, String(begun.offset)]);
      return event(written > 0 || failed.size === 0 ? 'COMPLETE' : 'FAIL', knownAt, {
        run: {
          runId,
          facets: {
            ...journal(begun.offset, offset, null),
            ...(failed.size === 0 ? {} : { errorMessage }),
          },
        },
        ...flowParts(begun.stream, written),
      });
    },
    view: (
      { name, from, description, values }: LineageSpec['views'][number],
      at: number,
    ): JsonObject => ({
      ...{ eventTime: iso(at), producer, schemaURL: `${spec}/JobEvent` },
      job: {
        ...{ namespace: own, name: `view.${name}` },
        facets: {
          documentation: facet(facetOf('1-1-0/DocumentationJobFacet', 'DocumentationJobFacet'), {
            description: description === '' ? name : description,
          }),
        },
      },
      inputs: [entity(from)],
      outputs: [
        entity(`view.${name}`, {
          facets: {
            schema: facet(facetOf('1-1-1/SchemaDatasetFacet', 'SchemaDatasetFacet'), {
              fields: values.map((value) => ({ name: value })),
            }),
          },
        }),
      ],
    }),
  };
}

function hourOf({ knownAt }: EntryHeader): number {
  return Math.floor(knownAt / hourMs);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Of a name, the same each time: version 8 of RFC 9562. */
function uuidOf(parts: readonly string[]): string {
  const bytes = Buffer.from(plainHash(parts.join('\0')));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, at) => hex.slice(cuts[at], end))
    .join('-');
}
