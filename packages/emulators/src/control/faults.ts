import type { Clock } from '../clock.js';
import { createRandom, type Random } from '../retailer/random.js';
import type {
  AnswerFault,
  FaultPort,
  RequestFault,
  RequestTarget,
  WebhookFault,
} from '../shopware/fault-port.js';
import { distort } from './distort.js';

/**
 * Decides which calls and webhooks are spoilt, from a seed and a rate per fault, and keeps the
 * truth of what was injected so that a test can compare it with what was noticed.
 */

export const FAULT_KINDS = [
  'outage',
  '429',
  '5xx',
  'latency',
  'timeout-after-apply',
  'truncate',
  'duplicate-webhook',
  'drop-webhook',
  'reorder-webhook',
  'disable-webhook',
  'schema-change',
  'unit-shift',
  'empty-feed',
  'drop-last-page',
  'token-expiry',
  'poison',
  'rows',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultOrder {
  readonly kind: FaultKind;
  /** System, entity, path or event this starts with; everything when left out. */
  readonly scope?: string;
  readonly rate?: number;
  readonly seed?: number;
  readonly forMs?: number;
  /** At most so many injections. */
  readonly times?: number;
  readonly delayMs?: number;
  readonly status?: number;
  readonly retryAfterS?: number;
  readonly poison?:
    | 'invalid-utf8'
    | 'huge-string'
    | 'deep'
    | 'nan'
    | 'unknown-currency'
    | 'null-id';
  readonly bytes?: number;
  readonly depth?: number;
  readonly change?: 'add' | 'rename' | 'retype' | 'remove' | 'new-enum';
  readonly field?: string;
  readonly factor?: number;
  /** Of `rows`, by a caller in the same process: what is answered instead of these. */
  readonly rows?: (
    rows: readonly Readonly<Record<string, unknown>>[],
    entity: string,
  ) => readonly Record<string, unknown>[];
}

export interface ActiveFault extends FaultOrder {
  readonly id: string;
  readonly fromMs: number;
  readonly untilMs: number | null;
  injected: number;
}

export interface InjectedFault {
  readonly faultId: string;
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly target: string;
  /** Records or events concerned. */
  readonly ids: readonly string[];
  readonly detail?: string;
}

export interface FaultBoard extends FaultPort {
  readonly add: (order: FaultOrder) => ActiveFault;
  readonly remove: (id: string) => boolean;
  readonly clear: () => void;
  readonly active: () => readonly ActiveFault[];
  readonly log: () => readonly InjectedFault[];
}

/** Who asks for a token has none that could expire. */
const TOKEN_PATHS = /^\/(?:api\/oauth|sap\/bc\/sec\/oauth2)/;

const LOG_ENTRIES_MAX = 200_000;

export const createFaultBoard = (clock: Clock): FaultBoard => {
  const faults = new Map<string, { readonly fault: ActiveFault; readonly random: Random }>();
  const entries: InjectedFault[] = [];
  let made = 0;

  const record = (
    fault: ActiveFault,
    target: string,
    ids: readonly string[],
    detail?: string,
  ): void => {
    fault.injected++;
    if (entries.length >= LOG_ENTRIES_MAX) return;
    entries.push({
      faultId: fault.id,
      kind: fault.kind,
      atMs: clock.now(),
      target,
      ids,
      ...(detail === undefined ? {} : { detail }),
    });
  };

  const isInScope = (fault: ActiveFault, names: readonly (string | undefined)[]): boolean =>
    fault.scope === undefined || names.some((name) => name?.startsWith(fault.scope ?? '') === true);

  /** The first fault of these kinds that strikes now. */
  const draw = (
    kinds: readonly FaultKind[],
    names: readonly (string | undefined)[],
  ): ActiveFault | undefined => {
    if (faults.size === 0) return undefined;
    const nowMs = clock.now();
    for (const { fault, random } of faults.values()) {
      if (!kinds.includes(fault.kind) || !isInScope(fault, names)) continue;
      if (fault.untilMs !== null && nowMs >= fault.untilMs) continue;
      if (fault.times !== undefined && fault.injected >= fault.times) continue;
      if (random.next() < (fault.rate ?? 1)) return fault;
    }
    return undefined;
  };

  const label = (target: RequestTarget): string => `${target.method} ${target.path}`;
  const names = (target: RequestTarget): readonly (string | undefined)[] => [
    target.entity,
    target.path,
    target.system,
    // Writes and reads of one place are told apart by their method.
    label(target),
  ];

  return {
    add: (order) => {
      if (!FAULT_KINDS.includes(order.kind))
        throw new RangeError(`unknown fault kind ${String(order.kind)}`);
      made++;
      const fromMs = clock.now();
      const fault: ActiveFault = {
        ...order,
        id: `fault-${made}`,
        fromMs,
        untilMs: order.forMs === undefined ? null : fromMs + order.forMs,
        injected: 0,
      };
      faults.set(fault.id, {
        fault,
        random: createRandom(order.seed ?? made, `fault-${order.kind}`),
      });
      return fault;
    },
    remove: (id) => faults.delete(id),
    clear: () => faults.clear(),
    active: () => [...faults.values()].map((entry) => entry.fault),
    log: () => entries,
    isQuiet: () => faults.size === 0,
    delayMsFor: (target) => {
      const fault = draw(['latency'], names(target));
      if (fault === undefined) return 0;
      record(fault, label(target), []);
      return fault.delayMs ?? 1_000;
    },
    onRequest: (target): RequestFault | undefined => {
      const fault = draw(['outage', '429', '5xx', 'token-expiry'], names(target));
      if (fault === undefined) return undefined;
      if (fault.kind === 'token-expiry' && TOKEN_PATHS.test(target.path)) return undefined;
      record(fault, label(target), []);
      if (fault.kind === 'outage') return { kind: 'outage' };
      if (fault.kind === 'token-expiry') return { kind: 'token-expiry' };
      if (fault.kind === '429')
        return { kind: 'status', status: 429, retryAfterS: fault.retryAfterS ?? 1 };
      return { kind: 'status', status: fault.status ?? 503 };
    },
    onAnswer: (target): AnswerFault | undefined => {
      const fault = draw(['truncate', 'timeout-after-apply'], names(target));
      if (fault === undefined) return undefined;
      record(fault, label(target), []);
      const kind = fault.kind === 'truncate' ? 'truncate' : 'timeout-after-apply';
      return { kind, holdMs: fault.delayMs ?? 0 };
    },
    onSearch: (target, answer, page) => {
      const fault = draw(
        ['empty-feed', 'drop-last-page', 'schema-change', 'unit-shift', 'poison', 'rows'],
        names(target),
      );
      if (fault === undefined) return undefined;
      return distort(fault, target.entity ?? '', answer, page, (ids, detail) =>
        record(fault, label(target), ids, detail),
      );
    },
    onWebhook: (event, eventId, key): WebhookFault | undefined => {
      const fault = draw(
        ['drop-webhook', 'duplicate-webhook', 'reorder-webhook', 'disable-webhook'],
        [event],
      );
      if (fault === undefined) return undefined;
      record(fault, event, [eventId, key]);
      if (fault.kind === 'drop-webhook') return 'drop';
      if (fault.kind === 'duplicate-webhook') return 'duplicate';
      return fault.kind === 'reorder-webhook' ? 'reorder' : 'disable';
    },
  };
};
