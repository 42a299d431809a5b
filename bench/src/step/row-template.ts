/**
 * Rows as the real planner makes them, multiplied: a few thousand records are planned for real, then
 * every further record is one of these with its own ids, numbers, offset and person put in. What the
 * step compares or looks up is right in every row; sealed parts have the right size, but open only in
 * the planned ones.
 */
import {
  decodeHeader,
  type EntryHeader,
  encodeHeader,
  type KeyRing,
  subjectHandle,
} from '../../../packages/platform/dist/audit/index.js';
import { recordTable, stateKeyOf } from '../../../packages/platform/dist/engine/index.js';
import {
  BatchDecoder,
  type BatchEncoder,
  operation,
  type PlannedBatch,
  type TableSpec,
} from '../../../packages/platform/dist/storage/index.js';
import {
  customerIdOf,
  customerOf,
  idOf,
  kindOf,
  lineCountMax,
  numberTextOf,
} from './shop-records.js';

interface Member {
  readonly index: number;
  readonly key: Pattern;
}

export interface Template {
  readonly header: EntryHeader;
  readonly body: Pattern;
  readonly sealed: Uint8Array | null;
  readonly table: number;
  readonly value: Pattern;
  readonly members: readonly Member[];
}

/** Fixed texts with places between them. */
interface Pattern {
  readonly texts: readonly string[];
  readonly places: readonly Place[];
}
type Place = 'id' | 'number' | 'subject' | 'offset' | 'last' | `line${number}`;

/** Templates from a plan over new records only, in order of their numbers. */
export function templatesOf(
  plan: PlannedBatch,
  tables: readonly TableSpec[],
  numbers: readonly number[],
): Template[] {
  const journal: { header: EntryHeader; body: Uint8Array; sealed: Uint8Array | null }[] = [];
  const values = new Map<string, { table: number; value: string }>();
  const members = new Map<string, { index: number; key: string }[]>();
  const from = new BatchDecoder(plan.main);
  while (!from.done) {
    const tag = from.tag();
    if (tag === operation.journal) {
      from.number();
      journal.push({
        header: decodeHeader(from.bytes()),
        body: from.bytes(),
        sealed: from.optional(),
      });
    } else if (tag === operation.insert) {
      const table = from.small();
      from.number();
      const key = from.text();
      const value = Buffer.from(from.bytes()).toString();
      if (tables[table]?.name === recordTable.name) values.set(key, { table, value });
    } else if (tag === operation.member) {
      const index = from.small();
      const key = from.text();
      const member = from.text();
      members.set(member, [...(members.get(member) ?? []), { index, key }]);
    } else if (tag === operation.meta) {
      from.text();
      from.optional();
    } else throw new Error(`A plan over new records has an operation ${tag}.`);
  }
  return journal.map(({ header, body, sealed }, at): Template => {
    const number = numbers[at] as number;
    const stateKey = stateKeyOf(header.source, header.stream, header.key);
    const stored = values.get(stateKey);
    if (stored === undefined) throw new Error(`No row was planned for ${stateKey}.`);
    const subject = header.subject === null ? null : Buffer.from(header.subject).toString('hex');
    return {
      header: { ...header, id: Uint8Array.from(header.id), hash: Uint8Array.from(header.hash) },
      body: patternOf(Buffer.from(body).toString(), number, subject),
      sealed: sealed === null ? null : Uint8Array.from(sealed),
      table: stored.table,
      value: patternOf(stored.value, number, subject),
      members: (members.get(stateKey) ?? []).map(({ index, key }) => ({
        index,
        key: patternOf(key, number, subject),
      })),
    };
  });
}

function patternOf(text: string, number: number, subject: string | null): Pattern {
  const marks = new Map<string, Place>([
    [idOf(number), 'id'],
    [numberTextOf(number), 'number'],
  ]);
  if (subject !== null) marks.set(subject, 'subject');
  for (let line = 1; line <= lineCountMax; line += 1) marks.set(idOf(number, line), `line${line}`);
  const pattern = new RegExp(`(${[...marks.keys()].join('|')}|"offset":\\d+|"last":\\d+)`);
  const parts = text.split(pattern);
  return {
    texts: parts.filter((_part, at) => at % 2 === 0),
    places: parts
      .filter((_part, at) => at % 2 === 1)
      .map((part) => marks.get(part) ?? (part.startsWith('"offset"') ? 'offset' : 'last')),
  };
}

export interface Multiplier {
  /** Adds the entry and rows of one more record. */
  add(number: number, offset: number, id: number, main: BatchEncoder, keys: BatchEncoder): void;
}

export function multiplier(
  templates: ReadonlyMap<'order' | 'product', readonly Template[]>,
  ring: KeyRing,
): Multiplier {
  const handles = new Map<number, Buffer>();
  // One wrapped key for all: it opens, which is what sealing a later change of theirs asks of it.
  const wrapped = ring.wrap(Buffer.alloc(32, 9));
  const handleOf = (customer: number, keys: BatchEncoder): Buffer => {
    let handle = handles.get(customer);
    if (handle === undefined) {
      handle = subjectHandle(ring.storeKey, 'shop', customerIdOf(customer));
      keys.subjectKey(handle, wrapped);
      handles.set(customer, handle);
      // Customers come in order and return soon or never.
      if (handles.size > 50_000) handles.delete(handles.keys().next().value as number);
    }
    return handle;
  };
  return {
    add(number, offset, id, main, keys) {
      const list = templates.get(kindOf(number)) as readonly Template[];
      const template = list[Math.floor(number / 2) % list.length] as Template;
      const subject = template.header.subject === null ? null : handleOf(customerOf(number), keys);
      const handle = subject?.toString('hex') ?? '';
      const key = idOf(number);
      const header = { ...template.header, offset, key, subject, knownAt: template.header.knownAt };
      const fill = ({ texts, places }: Pattern): string => {
        let text = texts[0] as string;
        for (const [at, place] of places.entries()) {
          if (place === 'id') text += key;
          else if (place === 'number') text += numberTextOf(number);
          else if (place === 'subject') text += handle;
          else if (place === 'offset') text += `"offset":${offset}`;
          else if (place === 'last') text += `"last":${offset}`;
          else text += idOf(number, Number(place.slice(4)));
          text += texts[at + 1] as string;
        }
        return text;
      };
      const stateKey = stateKeyOf(header.source, header.stream, key);
      main.journal(offset, encodeHeader(header), Buffer.from(fill(template.body)), template.sealed);
      main.insert(template.table, id, stateKey, fill(template.value));
      for (const member of template.members) {
        main.member(member.index, fill(member.key), stateKey);
      }
    },
  };
}
