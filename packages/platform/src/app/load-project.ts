/** From `headrace.config.ts` to checked sources with parsed settings. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as connectors from '@headrace/connectors';
import * as sdk from '@headrace/sdk';
import { type ConnectorSpec, HeadraceError, type JsonObject, type Stream } from '@headrace/sdk';
import { createJiti } from 'jiti';
import * as zod from 'zod';
import type { EngineSource } from '../engine/index.js';
import { versionOfAll } from '../features/index.js';
import type { Flow } from '../flows/index.js';
import { createFetch, type Fetch } from '../ports/index.js';
import { shapeCheck, type Watch, watchOf } from '../quality/index.js';
import * as authoring from './authoring.js';
import { durationMs } from './duration.js';
import { readVariables, type Variables, withVariables } from './environment.js';
import { flowDefinitions, prepareFlows } from './flow-config.js';
import { configName } from './folders.js';
import { problemLines } from './problem-lines.js';
import { defineProject, type Project, projectError } from './project.js';
import { version } from './version.js';

/** A project ready to run. */
export interface LoadedProject {
  /** Folder the project is in; its data is kept there unless `--data` says otherwise. */
  readonly folder: string;
  readonly project: Project;
  readonly sources: readonly EngineSource[];
  /** Streams with their contracts, and the pairs of systems that are held against each other. */
  readonly watch: Watch;
  /** The way out to where alerts are sent. */
  readonly way: Fetch;
  /** Environment and `.env` together. */
  readonly variables: Variables;
  readonly flows: readonly Flow[];
  /** Names what gives records their meaning; a change of it is journaled. */
  readonly definitions: JsonObject;
}

/**
 * Loads the project at `config`.
 *
 * @param cache Folder for its translation from TypeScript, which takes most of a start; it is
 *   used again while the text of the file is the same.
 */
export async function loadProject(
  config: string = configName,
  environment: Variables = process.env,
  cache: string | null = null,
): Promise<LoadedProject> {
  const file = resolve(config);
  if (!existsSync(file)) {
    throw new HeadraceError('config', `There is no project at ${config}.`, {
      code: 'E_NO_PROJECT',
      hint: 'Write one with `headrace init --systems shopware`, or name it with --config.',
    });
  }
  const folder = dirname(file);
  const variables = readVariables(join(folder, '.env'), environment);
  const project = await withVariables(variables, () => importProject(file, cache));
  return prepareProject(project, { folder, variables, definition: digestOf(folder, file) });
}

/** Parses the settings of a project's sources; for projects that are not in a file, too. */
export function prepareProject(
  project: Project,
  given: {
    readonly folder: string;
    readonly variables: Variables;
    /** Digest of what the project was defined by. */
    readonly definition: string;
  },
): LoadedProject {
  const { folder, variables, definition } = given;
  const problems: string[] = [];
  const way = fetchOf(project.network, folder);
  const sources = Object.entries(project.sources).flatMap(([name, source]) => {
    const spec = source.connector as unknown as ConnectorSpec<zod.z.ZodType>;
    const settings = withBrands(spec, source.settings, project.brands);
    const parsed = spec.config.safeParse(settings);
    if (!parsed.success) {
      problems.push(...problemLines(spec.config, parsed.error, `sources.${name}`));
      return [];
    }
    const streams = spec.streams(parsed.data) as readonly Stream<never>[];
    const dropped = spec.receive?.folderOf?.(parsed.data) ?? null;
    const made = engineSource(name, spec, parsed.data, streams, project, way);
    const place = dropped === null ? {} : { dropFolder: resolve(folder, dropped) };
    return [{ ...made, source: { ...made.source, ...place, checks: checksOf(name, project) } }];
  });
  const streams = sources.flatMap((source) => source.streamNames);
  for (const path of Object.keys(project.streams)) {
    if (!streams.includes(path) && problems.length === 0) {
      problems.push(`streams: there is no stream ${path}; there are ${streams.join(', ')}`);
    }
  }
  for (const path of Object.keys(project.contracts).filter((one) => one.includes('/'))) {
    if (!streams.includes(path) && problems.length === 0) {
      problems.push(`contracts: there is no stream ${path}; there are ${streams.join(', ')}`);
    }
  }
  const engineSources = sources.map((source) => source.source);
  const base = { platform: version(), tenant: project.tenant, project: definition };
  const flows = prepareFlows(project, engineSources, base);
  if (problems.length === 0) problems.push(...flows.problems);
  if (problems.length > 0) throw projectError(problems);
  return {
    folder,
    project,
    sources: engineSources,
    way,
    watch: watchOf({
      ...{ sources: engineSources, durationMs },
      ...{ contracts: project.contracts, leading: project.leading },
    }),
    variables,
    flows: flows.flows,
    definitions: {
      ...base,
      ...(project.features.length === 0 ? {} : { features: versionOfAll(project.features) }),
      ...(project.predict.demand === undefined ? {} : { predict: ['demand'] }),
      ...(flows.flows.length === 0 ? {} : { flows: flowDefinitions(flows.flows) }),
    },
  };
}

async function importProject(file: string, cache: string | null): Promise<Project> {
  const fsCache = cache !== null && makeFolder(cache) ? cache : false;
  // The project gets the modules of this very process: two copies of one package would not know
  // each other's secrets and connectors.
  const jiti = createJiti(file, {
    fsCache,
    moduleCache: false,
    virtualModules: {
      headrace: authoring,
      'headrace/connectors': connectors,
      '@headrace/sdk': sdk,
      zod,
    },
  });
  let loaded: { readonly default?: unknown };
  try {
    loaded = await jiti.import(file);
  } catch (thrown) {
    if (thrown instanceof HeadraceError) throw thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new HeadraceError('config', `The project cannot be loaded: ${message}`, {
      code: 'E_PROJECT_LOAD',
      hint: 'Correct headrace.config.ts or what it imports; `npx -p typescript tsc --noEmit` shows the place.',
      cause: thrown,
    });
  }
  const value = loaded.default as Partial<Project> | undefined;
  if (value?.kind === 'project') return value as Project;
  if (typeof value === 'object') return defineProject(value as never);
  throw projectError([
    'the file has no default export; write `export default defineProject({ … })`',
  ]);
}

/** A start without a cache is slower, and no worse. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return true;
  } catch {
    return false;
  }
}

function engineSource(
  name: string,
  spec: ConnectorSpec<zod.z.ZodType>,
  config: unknown,
  streams: readonly Stream<never>[],
  project: Project,
  way: Fetch,
): { readonly source: EngineSource; readonly streamNames: readonly string[] } {
  const everyMs: Record<string, number> = {};
  const passEveryMs: Record<string, number> = {};
  const without: string[] = [];
  for (const { name: stream } of streams) {
    const options = project.streams[`${name}/${stream}`];
    const every = options?.every === undefined ? null : durationMs(options.every);
    if (every !== null) everyMs[stream] = every;
    if (options?.passEvery !== undefined) passEveryMs[stream] = durationMs(options.passEvery) ?? 0;
    if (options?.off === true) without.push(stream);
  }
  const budget = spec.budgetOf?.(config) ?? null;
  return {
    streamNames: streams.map((stream) => `${name}/${stream.name}`),
    source: {
      name,
      spec: spec as unknown as ConnectorSpec<never>,
      config,
      everyMs,
      passEveryMs,
      without,
      fetch: way,
      ...(budget === null ? {} : { budget }),
    },
  };
}

/** What was promised of the records of a source's streams. */
function checksOf(source: string, { contracts }: Project): EngineSource['checks'] & object {
  const checks: Record<string, (record: JsonObject) => void> = {};
  for (const [path, { shape }] of Object.entries(contracts)) {
    const [owner, stream] = path.split('/');
    if (shape !== undefined && owner === source && stream !== undefined) {
      checks[stream] = shapeCheck(shape);
    }
  }
  return checks;
}

/** The way to the systems that the project describes. */
function fetchOf({ proxy, noProxy, ca }: Project['network'], folder: string): Fetch {
  return createFetch({
    proxy: proxy instanceof sdk.Secret ? proxy.reveal() : (proxy ?? null),
    noProxy: noProxy ?? [],
    ca: ca === undefined ? null : readCertificates(resolve(folder, ca)),
  });
}

function readCertificates(file: string): string {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw certificateError(`The file ${file}, named by network.ca, cannot be read.`, cause);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw certificateError(`The file ${file}, named by network.ca, holds no certificate.`);
  }
  return text;
}

function certificateError(message: string, cause?: unknown): HeadraceError {
  return new HeadraceError('config', message, {
    code: 'E_CA',
    hint: 'Name a PEM file by its path from the project: text that begins with -----BEGIN CERTIFICATE-----.',
    cause,
  });
}

/** Connectors that ask for the brand of a channel get it from the project, unless told otherwise. */
function withBrands(
  spec: ConnectorSpec<zod.z.ZodType>,
  settings: unknown,
  brands: Project['brands'],
): unknown {
  const asks = spec.config instanceof zod.z.ZodObject && 'brandOf' in spec.config.shape;
  if (!asks || typeof settings !== 'object' || settings === null || 'brandOf' in settings) {
    return settings;
  }
  const brandOf = Object.fromEntries(
    Object.entries(brands).flatMap(([brand, channels]) =>
      channels.map((channel) => [channel, brand]),
    ),
  );
  return { ...settings, brandOf };
}

/** Digest over the project's own sources: the file itself, `maps/` and `features/`. */
function digestOf(folder: string, file: string): string {
  const files = [file, ...sourcesIn(join(folder, 'maps')), ...sourcesIn(join(folder, 'features'))];
  const hash = createHash('sha256');
  for (const path of files) hash.update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 32);
}

function sourcesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?[jt]s$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
