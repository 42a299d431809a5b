/**
 * What is promised of each stream, entity and field: how old it may be, how complete, how much it
 * may disagree, how valid. Defaults for the canonical model stand here; a project overrides them by
 * `entity`, `entity.field` or `source/stream`, the more specific one winning setting by setting.
 *
 * Freshness has two clocks. A stream's *watermark* is the time up to which it is known whole: a poll
 * that found nothing moves it, so quiet is not dead. A value's *event time* says when it became
 * true; it is limited only where a contract says so, for most things are true until they change.
 */
import { type EntityName, HeadraceError, isEntityName } from '@headrace/sdk';
import { type RecordShape, shapeProblems } from './record-shape.js';

/** What a project writes under `contracts`. */
export interface ContractConfig {
  /** Age of the watermark at which nothing may be decided on it any more: `15m`. */
  readonly maxAge?: string;
  /** Age up to which it is as good as new; between this and `maxAge` the score falls. */
  readonly slo?: string;
  /** Age of the value itself, by its event time, at which it may not decide: `30d`. */
  readonly maxEventAge?: string;
  /** Least share of a stream's records that must be usable, 0 to 1. */
  readonly complete?: number;
  /** Least share of records that must pass the checks of their content, 0 to 1. */
  readonly valid?: number;
  /** How much two systems may differ: `{ units: 1, share: 0.01 }`, the larger of the two counts. */
  readonly tolerance?: { readonly units?: number; readonly share?: number };
  /** How long two systems may differ while a change is on its way from one to the other: `15m`. */
  readonly grace?: string;
  /** Fields that must not be empty. */
  readonly required?: readonly string[];
  /** Of a stream: what its records look like; one that does not goes to quarantine. */
  readonly shape?: RecordShape;
}

export interface Contract {
  readonly maxAgeMs: number;
  readonly sloMs: number;
  readonly maxEventAgeMs: number | null;
  /** Shares are counted in thousandths of a percent, so that folds stay with whole numbers. */
  readonly completeMicro: number;
  readonly validMicro: number;
  readonly toleranceUnits: number;
  readonly toleranceShareMicro: number;
  readonly graceMs: number;
  readonly required: readonly string[];
}

export interface ContractScope {
  readonly entity: EntityName;
  readonly field?: string;
  readonly source?: string;
  readonly stream?: string;
  /** Poll interval of the stream: a default limit below it could not be kept. */
  readonly everyMs?: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Millionths of one. */
export const micro = 1_000_000;

const common = {
  maxEventAgeMs: null,
  completeMicro: 995_000,
  validMicro: 995_000,
  toleranceUnits: 1,
  toleranceShareMicro: 0,
  graceMs: 30 * minuteMs,
  required: [] as readonly string[],
};

/** How long what an entity says stays good, and what it must say to be of use. */
const defaults: Partial<Record<EntityName, Partial<Contract> & { maxAgeMs: number }>> = {
  stock: { maxAgeMs: 15 * minuteMs, graceMs: 15 * minuteMs, toleranceShareMicro: 10_000 },
  stockMovement: { maxAgeMs: 15 * minuteMs, required: ['sku', 'quantity'] },
  order: { maxAgeMs: 15 * minuteMs, toleranceUnits: 0.05, required: ['currency'] },
  orderLine: { maxAgeMs: 15 * minuteMs, required: ['quantity'] },
  price: { maxAgeMs: hourMs, toleranceUnits: 0.01, required: ['basis'] },
  shipment: { maxAgeMs: hourMs },
  return: { maxAgeMs: 4 * hourMs, toleranceUnits: 0, graceMs: 3 * dayMs },
  refund: { maxAgeMs: 4 * hourMs, toleranceUnits: 0.05, graceMs: 14 * dayMs, required: ['amount'] },
  purchaseOrder: { maxAgeMs: 4 * hourMs },
  purchaseOrderLine: { maxAgeMs: 4 * hourMs, required: ['sku'] },
};

export type ContractConfigs = Readonly<Record<string, ContractConfig>>;

/** A project's contracts, checked; durations are read by the caller's `durationMs`. */
export class Contracts {
  readonly #overrides: ReadonlyMap<string, Partial<Contract>>;

  constructor(configs: ContractConfigs, durationMs: (text: string) => number | null) {
    const problems: string[] = [];
    const parsed = new Map<string, Partial<Contract>>();
    for (const [path, config] of Object.entries(configs)) {
      if (!path.includes('/') && !isEntityName(path.split('.')[0] ?? '')) {
        problems.push(
          `contracts.${path}: there is no such entity; write entity, entity.field or source/stream`,
        );
      }
      parsed.set(path, overrideOf(path, config, durationMs, problems));
      if (config.shape === undefined) continue;
      if (!path.includes('/')) {
        problems.push(`contracts.${path}.shape: records of a stream have one; write source/stream`);
      }
      for (const one of shapeProblems(config.shape))
        problems.push(`contracts.${path}.shape.${one}`);
    }
    if (problems.length > 0) {
      throw new HeadraceError(
        'config',
        `The contracts are not right:\n  ${problems.join('\n  ')}`,
        {
          code: 'E_CONTRACT_CONFIG',
          hint: 'Correct `contracts` in headrace.config.ts.',
        },
      );
    }
    this.#overrides = parsed;
  }

  of({ entity, field, source, stream, everyMs = 0 }: ContractScope): Contract {
    const own = defaults[entity] ?? { maxAgeMs: dayMs };
    // Three missed reads are what a stream is given before it counts as late.
    const patienceMs = 3 * everyMs + 5000;
    const base: Contract = {
      ...common,
      ...own,
      maxAgeMs: Math.max(own.maxAgeMs, 4 * everyMs + 5000),
      sloMs: patienceMs,
    };
    const paths = [
      entity,
      ...(field === undefined ? [] : [`${entity}.${field}`]),
      ...(source === undefined || stream === undefined ? [] : [`${source}/${stream}`]),
    ];
    const merged: Contract = Object.assign(base, ...paths.map((path) => this.#overrides.get(path)));
    return { ...merged, sloMs: Math.min(merged.sloMs, merged.maxAgeMs) };
  }

  /** Paths the project sets itself, for the export and the docs. */
  paths(): readonly string[] {
    return [...this.#overrides.keys()];
  }
}

function overrideOf(
  path: string,
  config: ContractConfig,
  durationMs: (text: string) => number | null,
  problems: string[],
): Partial<Contract> {
  const duration = (name: 'maxAge' | 'slo' | 'maxEventAge' | 'grace') => {
    const text = config[name];
    if (text === undefined) return null;
    const ms = durationMs(text);
    if (ms === null || ms <= 0)
      problems.push(`contracts.${path}.${name}: write a duration such as 15m or 1h`);
    return ms;
  };
  const share = (name: 'complete' | 'valid') => {
    const value = config[name];
    if (value === undefined) return null;
    if (!(value >= 0 && value <= 1))
      problems.push(`contracts.${path}.${name}: write a share from 0 to 1`);
    return Math.round(value * micro);
  };
  const maxAgeMs = duration('maxAge');
  const sloMs = duration('slo');
  const maxEventAgeMs = duration('maxEventAge');
  const graceMs = duration('grace');
  const completeMicro = share('complete');
  const validMicro = share('valid');
  if (maxAgeMs !== null && sloMs !== null && sloMs > maxAgeMs) {
    problems.push(`contracts.${path}: slo is longer than maxAge`);
  }
  const { tolerance, required } = config;
  return {
    ...(maxAgeMs === null ? {} : { maxAgeMs }),
    ...(sloMs === null ? {} : { sloMs }),
    ...(maxEventAgeMs === null ? {} : { maxEventAgeMs }),
    ...(graceMs === null ? {} : { graceMs }),
    ...(completeMicro === null ? {} : { completeMicro }),
    ...(validMicro === null ? {} : { validMicro }),
    ...(tolerance?.units === undefined ? {} : { toleranceUnits: tolerance.units }),
    ...(tolerance?.share === undefined
      ? {}
      : { toleranceShareMicro: Math.round(tolerance.share * micro) }),
    ...(required === undefined ? {} : { required }),
  };
}
