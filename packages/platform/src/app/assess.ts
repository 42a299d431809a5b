/**
 * What a company's systems are good for, as a stranger sees them: read, never written to. The figures
 * are the API's own; only the fields nobody maps are asked of the systems once more.
 */
import type { DiscoveredField, Logger, Stream } from '@headrace/sdk';
import type { Status, StreamStatus } from '../api/index.js';
import type { Covered, InputScore, Reconciliation, UseCaseAssessment } from '../quality/index.js';
import { connectorContext } from './connector-context.js';
import { coverageOf } from './coverage.js';
import type { LoadedProject } from './load-project.js';
import { readReference, sampleRecords } from './sample.js';

/** Where the figures come from: a running platform over HTTP, or one of this process. */
export interface AssessedPlatform {
  status(): Promise<Pick<Status, 'now' | 'streams'>>;
  readiness(): Promise<{ readonly inputs: readonly InputScore[] }>;
  reconciliation(): Promise<{ readonly pairs: readonly Reconciliation[] }>;
  assessment(): Promise<UseCaseAssessment>;
}

export interface AssessedStream
  extends Pick<
    StreamStatus,
    'source' | 'stream' | 'mode' | 'records' | 'lagMs' | 'everyMs' | 'state' | 'why'
  > {
  /** 0 to 1; null while it is not judged. */
  readonly complete: number | null;
  readonly incompleteBecause: string | null;
}

export interface UnmappedField {
  readonly source: string;
  readonly stream: string;
  readonly path: string;
  /** Share of the records looked at in which it is filled. */
  readonly fillRate: number;
  /** Records looked at. */
  readonly records: number;
  /** The company added it itself, as far as its system says so; those come first. */
  readonly isOwn: boolean;
  readonly sample: string | null;
}

export interface AssessReport {
  /** By the platform's clock. */
  readonly now: string;
  readonly systems: readonly string[];
  readonly streams: readonly AssessedStream[];
  readonly pairs: readonly Pick<
    Reconciliation,
    'pair' | 'a' | 'b' | 'compared' | 'differing' | 'pending'
  >[];
  readonly coverage: readonly Covered[];
  readonly unmapped: readonly UnmappedField[];
  /** Streams whose fields could not be looked at, with the reason. */
  readonly unread: readonly { readonly stream: string; readonly why: string }[];
  readonly useCases: UseCaseAssessment['useCases'];
}

export async function assess(
  platform: AssessedPlatform,
  project: Pick<LoadedProject, 'sources'>,
  options: { readonly recordsPerStream: number; readonly log: Logger },
): Promise<AssessReport> {
  const { unmapped, unread } = await unmappedOf(project, options);
  const [status, { inputs }, { pairs }, { useCases, coverage }] = [
    await platform.status(),
    await platform.readiness(),
    await platform.reconciliation(),
    await platform.assessment(),
  ];
  const byInput = new Map(inputs.map((input) => [input.input, input]));
  return {
    now: status.now,
    systems: project.sources.map(({ name }) => name),
    streams: status.streams.map(
      ({ source, stream, mode, records, lagMs, everyMs, state, why }): AssessedStream => {
        const own = byInput.get(`${source}/${stream}`)?.components;
        const complete = own?.find(({ component }) => component === 'completeness');
        return {
          ...{ source, stream, mode, records, lagMs, everyMs, state, why },
          complete: complete?.score ?? null,
          incompleteBecause: complete?.why ?? null,
        };
      },
    ),
    pairs: pairs.map(({ pair, a, b, compared, differing, pending }) => ({
      ...{ pair, a, b, compared, differing, pending },
    })),
    ...{ coverage, unmapped, unread, useCases },
  };
}

/** The newest records of each stream, asked of its system; the fullest field first. */
async function unmappedOf(
  { sources }: Pick<LoadedProject, 'sources'>,
  { recordsPerStream, log }: { readonly recordsPerStream: number; readonly log: Logger },
): Promise<Pick<AssessReport, 'unmapped' | 'unread'>> {
  const unmapped: UnmappedField[] = [];
  const unread: { stream: string; why: string }[] = [];
  for (const source of sources) {
    const context = connectorContext(source, log);
    const streams = source.spec.streams(source.config as never) as readonly Stream<never>[];
    let reference: Awaited<ReturnType<typeof readReference>> = {};
    let own: ReadonlySet<string> = new Set();
    try {
      reference = await readReference(source, context);
      own = ownNames((await source.spec.discover?.(context)) ?? []);
    } catch (thrown) {
      unread.push({ stream: source.name, why: (thrown as Error).message });
      continue;
    }
    for (const stream of streams) {
      if ((source.without ?? []).includes(stream.name) || stream.feed === 'delivery') continue;
      try {
        const records = await sampleRecords(stream, context, recordsPerStream);
        const found = coverageOf(stream, source.config, records, reference, { reveal: false });
        const of = { source: source.name, stream: stream.name, records: found.records };
        const fields = found.fields
          .filter(({ use, fillRate }) => use === 'unmapped' && fillRate > 0)
          .map(({ path, fillRate, sample }) => {
            return { ...of, path, fillRate, sample, isOwn: own.has(nameOf(path)) };
          });
        unmapped.push(...fields.sort((a, b) => Number(b.isOwn) - Number(a.isOwn)));
      } catch (thrown) {
        unread.push({ stream: `${source.name}/${stream.name}`, why: (thrown as Error).message });
      }
    }
  }
  return { unmapped, unread };
}

/** Names of the fields a company added: they stand under other paths in a record than in the system's list. */
function ownNames(fields: readonly DiscoveredField[]): ReadonlySet<string> {
  return new Set(fields.filter(({ isOwn }) => isOwn === true).map(({ path }) => nameOf(path)));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
