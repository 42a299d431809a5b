import type { RequestTarget } from '../shopware/fault-port.js';

/** Counts calls by method and class of path, so that a test can ask "who called what". */

const MUTATING_ACTIONS = /^\/api\/_action\//;

export interface CallCounts {
  readonly total: number;
  readonly mutating: number;
  readonly byClass: Readonly<Record<string, number>>;
  /** By who asked, where a request says who that is. */
  readonly byClient: Readonly<
    Record<string, { readonly total: number; readonly mutating: number }>
  >;
}

export interface CallCounter {
  readonly count: (target: RequestTarget, client?: string) => void;
  readonly counts: () => CallCounts;
  readonly reset: () => void;
}

export const isMutating = (target: RequestTarget): boolean => {
  if (target.method === 'GET' || target.method === 'HEAD') return false;
  if (target.path.startsWith('/api/search') || target.path.startsWith('/api/oauth')) return false;
  // inriver: a query and the data of named entities are asked for in a body.
  if (/^\/api\/v1\.0\.\d\/(query|entities:fetchdata)$/.test(target.path)) return false;
  // SAP: the changes inside a batch are counted one by one, their envelope changes nothing.
  if (target.path.endsWith('/$batch') || target.path.startsWith('/sap/bc/sec/oauth2')) return false;
  return MUTATING_ACTIONS.test(target.path) || target.method !== 'GET';
};

/** `/api/product/0190…` and `/api/product/0191…` are one class, so are `A_Order('1')` and `('2')`. */
const classOf = (target: RequestTarget): string => {
  const path = target.path.replace(/\/[0-9a-f]{32}(?=\/|$)/g, '/{id}');
  return `${target.method} ${path.replace(/\((?:[^'()]|'[^']*')*\)/g, '({key})')}`;
};

export const createCallCounter = (): CallCounter => {
  let byClass = new Map<string, number>();
  let byClient = new Map<string, { total: number; mutating: number }>();
  let total = 0;
  let mutating = 0;
  return {
    count: (target, client) => {
      total++;
      if (isMutating(target)) mutating++;
      if (client !== undefined) {
        const known = byClient.get(client) ?? { total: 0, mutating: 0 };
        known.total++;
        if (isMutating(target)) known.mutating++;
        byClient.set(client, known);
      }
      const name = classOf(target);
      byClass.set(name, (byClass.get(name) ?? 0) + 1);
    },
    counts: () => ({
      ...{ total, mutating },
      byClass: Object.fromEntries([...byClass].sort()),
      byClient: Object.fromEntries([...byClient].map(([name, counts]) => [name, { ...counts }])),
    }),
    reset: () => {
      byClass = new Map();
      byClient = new Map();
      total = 0;
      mutating = 0;
    },
  };
};
