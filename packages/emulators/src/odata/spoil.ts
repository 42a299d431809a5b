import type { AnswerFields, FaultPort, RequestTarget } from '../shopware/fault-port.js';
import type { Spoil } from './engine.js';
import type { EntitySet } from './model.js';
import { classOf } from './values.js';

/** Lets faults change a page of rows on its way out. While none can strike, nothing is parsed. */

type Row = Record<string, unknown>;

export const spoilWith = (faults: FaultPort, target: RequestTarget): Spoil | undefined => {
  if (faults.isQuiet()) return undefined;
  return (collection) => {
    const { text, service, set, place } = collection;
    const body = JSON.parse(text) as { d?: Row } & Row;
    const holder: Row = service.version === 2 ? (body.d ?? {}) : body;
    const [rowsName, countName, nextName] =
      service.version === 2
        ? ['results', '__count', '__next']
        : ['value', '@odata.count', '@odata.nextLink'];
    const rows = holder[rowsName ?? ''] as Row[];
    const before = rows.length;
    const count = holder[countName ?? ''];
    const answer = {
      total: count === undefined ? before : Number(count),
      data: rows,
      fields: fieldsOf(set),
    };
    const rewrite = faults.onSearch({ ...target, entity: set.name }, answer, place);
    // A page without rows was the last one.
    if (rows.length === 0 && before > 0) delete holder[nextName ?? ''];
    if (count !== undefined)
      holder[countName ?? ''] = service.version === 2 ? String(answer.total) : answer.total;
    const changed = Buffer.from(JSON.stringify(body));
    return rewrite === undefined ? changed : rewrite(changed);
  };
};

const fieldsOf = (set: EntitySet): AnswerFields => {
  const nameOf = (isWanted: (type: string) => boolean): string | undefined =>
    set.properties.find((entry) => isWanted(classOf(entry.type)) && !set.key.includes(entry.name))
      ?.name;
  const [key = ''] = set.key;
  return {
    idOf: (row) => set.key.map((name) => String(row[name] ?? '')).join('/'),
    key: set.key.at(-1) ?? key,
    text: nameOf((type) => type === 'text') ?? key,
    number: nameOf((type) => type === 'decimal' || type === 'number') ?? key,
    currency: set.properties.find((entry) => entry.semantics === 'currency-code')?.name ?? key,
  };
};
