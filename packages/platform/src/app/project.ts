/** What a user writes into `headrace.config.ts`: the types for the editor, the schema for the start. */
import {
  type ConfiguredSource,
  ensureError,
  HeadraceError,
  isCurrency,
  isEntityName,
  isZone,
  Secret,
} from '@headrace/sdk';
import { z } from 'zod';
import { ownSource } from '../entities/index.js';
import { checkDefinitions, type FeatureDefinition } from '../features/index.js';
import { demandView, demandViewProblem, onOrderView } from '../predict/index.js';
import { type AlertConfig, type ContractConfig, Contracts } from '../quality/index.js';
import { durationMs } from './duration.js';
import { type FlowDefinition, flowSchema, type Lookups, lookupsSchema } from './flow-config.js';
import { problemLines } from './problem-lines.js';

/** How one stream of a source is read, where the connector's defaults do not fit. */
export interface StreamOptions {
  /** Poll interval, such as `30s` or `5m`. */
  readonly every?: string;
  /** How often everything is read again to find deletes, such as `12h`; `off` for never. */
  readonly passEvery?: string;
  /** The stream is not read at all. */
  readonly off?: boolean;
}

/**
 * Customers of `from` are linked to those of `to` who are named in the same order. Each link is
 * journaled with its evidence, and stays undone when someone takes it back.
 */
export interface LinkRule {
  readonly entity: 'customer';
  readonly by: 'order';
  readonly from: string;
  readonly to: string;
}

/** How the systems are reached from where the platform runs. */
export interface NetworkConfig {
  /** `http://proxy.example:3128`, all requests go through it; `secret()` where it holds a password. */
  readonly proxy?: string | Secret;
  /** Hosts reached without the proxy: `erp.local`, `erp.local:8443`, `.local` with all below it. */
  readonly noProxy?: readonly string[];
  /** A PEM file beside the project, whose certificates are trusted too. */
  readonly ca?: string;
}

/** What is predicted, by use case. */
export interface PredictConfig {
  /** Daily demand of each variant, from the view `demand` of `commerceFeatures`. */
  readonly demand?: {
    /** Days that are added up for a purchase, 1 to 91. Default 30. */
    readonly horizonDays?: number;
    /** How soon a changed variant is predicted again: `1m`, the default. */
    readonly every?: string;
    /**
     * Decides what to buy, for this location; `flow('purchase', 'erp')` shows it, and enters it once
     * it says `write: 'live'`.
     */
    readonly purchase?: { readonly location: string };
  };
}

export interface ProjectConfig {
  /** Part of every id the platform makes; never change it once data is there. Default `main`. */
  readonly tenant?: string;
  /** Zone business days are cut in, such as `Europe/Amsterdam`. */
  readonly timeZone: string;
  /** Currency reports are in; amounts keep their own. */
  readonly currency: string;
  /** Languages texts are wanted in, the first leads. */
  readonly languages: readonly string[];
  /**
   * `shadow`, the default: a flow writes only when it says `write: 'live'` itself. `never`: none
   * does, whatever it says; for a copy of a project that must not touch the systems.
   */
  readonly write?: 'shadow' | 'never';
  /** Brand → its channels. */
  readonly brands?: Readonly<Record<string, readonly string[]>>;
  /** The systems, by the name you give them. */
  readonly sources: Readonly<Record<string, ConfiguredSource>>;
  /** Which source leads where several state a field: `product.*`, `product.name`, `price`. */
  readonly leading?: Readonly<Record<string, readonly string[]>>;
  /** Rules by which keys of two sources name one thing; see `LinkRule`. */
  readonly links?: readonly LinkRule[];
  /** Views and derived values that are kept; see `features` and `derive`. */
  readonly features?: readonly FeatureDefinition[];
  /** What is carried to which system; see `flow`. */
  readonly flows?: readonly FlowDefinition[];
  /** Cross-reference tables for the mappings of flows: table → key → value. */
  readonly lookups?: Lookups;
  /** Exceptions for single streams, by `source/stream`. */
  readonly streams?: Readonly<Record<string, StreamOptions>>;
  /**
   * What is promised of an `entity`, an `entity.field` or a `source/stream`, where the defaults do
   * not fit: `{ stock: { maxAge: '15m' } }`.
   */
  readonly contracts?: Readonly<Record<string, ContractConfig>>;
  /** What is predicted; nothing unless it is named here. */
  readonly predict?: PredictConfig;
  /** Where alerts are sent, beside the console: a signed webhook, a Slack hook, mail. */
  readonly alerts?: AlertConfig;
  /** Proxy and certificates, where the systems are not reached directly. */
  readonly network?: NetworkConfig;
  /** Where the HTTP API listens. Default 127.0.0.1:4800. */
  readonly listen?: {
    readonly host?: string;
    readonly port?: number;
    /**
     * Port at which a thread of its own answers `POST /v1/features/online`, whatever else is going on.
     * None unless it is named; the route is answered at `port`, too.
     */
    readonly reads?: number;
  };
}

/** A checked project, as `defineProject` returns it. */
export interface Project {
  readonly kind: 'project';
  readonly tenant: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly languages: readonly string[];
  readonly brands: Readonly<Record<string, readonly string[]>>;
  readonly sources: Readonly<Record<string, ConfiguredSource>>;
  readonly leading: Readonly<Record<string, readonly string[]>>;
  readonly links: readonly LinkRule[];
  readonly features: readonly FeatureDefinition[];
  readonly write: 'shadow' | 'never';
  readonly flows: readonly FlowDefinition[];
  readonly lookups: Lookups;
  readonly streams: Readonly<Record<string, StreamOptions>>;
  readonly contracts: Readonly<Record<string, ContractConfig>>;
  readonly predict: PredictConfig;
  readonly alerts: AlertConfig;
  readonly network: NetworkConfig;
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly reads?: number | undefined;
  };
}

const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'use a to z, 0 to 9 and -, a letter first');
const duration = z
  .string()
  .refine((text) => durationMs(text) !== null, 'write a duration such as 30s, 5m, 12h or 1d');
const source = z.custom<ConfiguredSource>(
  (value) => (value as { kind?: unknown } | null)?.kind === 'source',
  'call a connector here, such as shopware({ … })',
);

const text = z.union([z.string().min(1), z.instanceof(Secret)]);

const schema = z.strictObject({
  tenant: name.default('main'),
  timeZone: z.string().refine(isZone, 'use an IANA zone such as Europe/Amsterdam'),
  currency: z.string().refine(isCurrency, 'use a code of ISO 4217 such as EUR'),
  languages: z
    .array(z.string().regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'use a tag such as nl-NL'))
    .min(1, 'name at least one language'),
  write: z
    .enum(
      ['shadow', 'never'],
      "write shadow or never; a flow that writes says write: 'live' itself",
    )
    .default('shadow'),
  brands: z.record(z.string(), z.array(z.string().min(1))).default({}),
  sources: z.record(name, source),
  leading: z.record(z.string(), z.array(z.string())).default({}),
  links: z
    .array(
      z.strictObject({
        entity: z.literal('customer', 'only customers are linked by a rule'),
        by: z.literal('order', 'the one rule there is: the same order'),
        from: name,
        to: name,
      }),
    )
    .default([]),
  features: z
    .array(
      z.custom<FeatureDefinition>(
        (value) => ['view', 'derived'].includes((value as { kind?: string } | null)?.kind ?? ''),
        'call features(…) or derive(…) here',
      ),
    )
    .default([]),
  flows: z.array(flowSchema).default([]),
  lookups: lookupsSchema.default({}),
  streams: z
    .record(
      z.string(),
      z.strictObject({
        every: duration.optional(),
        passEvery: z.union([z.literal('off'), duration]).optional(),
        off: z.boolean().optional(),
      }),
    )
    .default({}),
  contracts: z
    .record(
      z.string(),
      z.strictObject({
        maxAge: duration.optional(),
        slo: duration.optional(),
        maxEventAge: duration.optional(),
        grace: duration.optional(),
        complete: z.number().min(0).max(1).optional(),
        valid: z.number().min(0).max(1).optional(),
        tolerance: z
          .strictObject({
            units: z.number().min(0).optional(),
            share: z.number().min(0).max(1).optional(),
          })
          .optional(),
        required: z.array(z.string().min(1)).optional(),
        shape: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
      }),
    )
    .default({}),
  predict: z
    .strictObject({
      demand: z
        .strictObject({
          horizonDays: z.number().int().min(1).max(91).optional(),
          every: duration.optional(),
          purchase: z.strictObject({ location: z.string().min(1) }).optional(),
        })
        .optional(),
    })
    .default({}),
  alerts: z
    .strictObject({
      webhook: z.strictObject({ url: z.string().min(1), secret: text }).optional(),
      slack: z.strictObject({ url: text }).optional(),
      mail: z
        .strictObject({
          url: text,
          from: z.string().min(3),
          to: z.array(z.string().min(3)).min(1, 'name at least one address'),
        })
        .optional(),
    })
    .default({}),
  network: z
    .strictObject({
      proxy: z.union([z.string().min(1), z.instanceof(Secret)]).optional(),
      noProxy: z.array(z.string().min(1)).optional(),
      ca: z.string().min(1).optional(),
    })
    .default({}),
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.number().int().min(0).max(65_535).default(4800),
      reads: z.number().int().min(0).max(65_535).optional(),
    })
    .refine(({ port, reads }) => port === 0 || port !== reads, {
      path: ['reads'],
      message: 'is the port of the API; name another',
    })
    .default({ host: '127.0.0.1', port: 4800 }),
});

/**
 * The default export of `headrace.config.ts`. A wrong key is an error in the editor, and again when
 * the project is loaded.
 *
 * ```ts
 * export default defineProject({ timeZone: 'Europe/Amsterdam', currency: 'EUR', … });
 * ```
 */
export function defineProject(config: ProjectConfig): Project {
  const parsed = schema.safeParse(config);
  if (!parsed.success) throw projectError(problemLines(schema, parsed.error));
  const problems = [
    ...brandProblems(parsed.data.brands),
    ...leadingProblems(parsed.data),
    ...linkProblems(parsed.data),
    ...checkDefinitions(parsed.data.features),
    ...(Object.hasOwn(parsed.data.sources, ownSource)
      ? [`sources: ${ownSource} is the name of what is decided here; use another`]
      : []),
    ...predictProblems(parsed.data as Pick<Project, 'predict' | 'features'>),
    ...contractProblems(parsed.data.contracts as Project['contracts']),
  ];
  if (problems.length > 0) throw projectError(problems);
  return Object.freeze({ kind: 'project' as const, ...parsed.data }) as Project;
}

export function projectError(problems: readonly string[]): HeadraceError {
  return new HeadraceError('config', `The project is not right:\n  ${problems.join('\n  ')}`, {
    code: 'E_PROJECT',
    hint: 'Correct headrace.config.ts; the editor marks the same places.',
  });
}

function brandProblems(brands: Project['brands']): string[] {
  const owner = new Map<string, string>();
  return Object.entries(brands).flatMap(([brand, channels]) =>
    channels.flatMap((channel) => {
      const other = owner.get(channel);
      owner.set(channel, brand);
      return other === undefined ? [] : [`brands: channel ${channel} is in ${other} and ${brand}`];
    }),
  );
}

function leadingProblems(project: {
  readonly leading: Project['leading'];
  readonly sources: Project['sources'];
}): string[] {
  const known = Object.keys(project.sources);
  return Object.entries(project.leading).flatMap(([path, order]) => {
    const entity = path.split('.')[0] ?? '';
    const problems = order
      .filter((one) => !known.includes(one))
      .map((one) => `leading.${path}: there is no source ${one}; there are ${known.join(', ')}`);
    if (!isEntityName(entity)) problems.push(`leading.${path}: there is no entity ${entity}`);
    return problems;
  });
}

function predictProblems({ predict, features }: Pick<Project, 'predict' | 'features'>): string[] {
  if (predict.demand === undefined) return [];
  const problem = demandViewProblem(features.find(({ name: view }) => view === demandView));
  const hasOnOrder = features.some(({ name: view }) => view === onOrderView);
  return [
    ...(problem === null ? [] : [`predict.demand: ${problem}`]),
    ...(predict.demand.purchase === undefined || hasOnOrder
      ? []
      : [`predict.demand.purchase: needs the view ${onOrderView}, as commerceFeatures has it`]),
  ];
}

function contractProblems(contracts: Project['contracts']): string[] {
  try {
    new Contracts(contracts, durationMs);
    return [];
  } catch (thrown) {
    return ensureError(thrown)
      .message.split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
}

function linkProblems({ links, sources }: Pick<Project, 'links' | 'sources'>): string[] {
  const known = Object.keys(sources);
  return links.flatMap(({ from, to }, index) => {
    const problems = [from, to]
      .filter((one) => !known.includes(one))
      .map((one) => `links.${index}: there is no source ${one}; there are ${known.join(', ')}`);
    if (from === to) problems.push(`links.${index}: from and to are the same source`);
    return problems;
  });
}
