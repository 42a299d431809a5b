/** Lines of the log as reads need them: of one key, or of all keys that were one thing at a moment. */
import type { LogRow, OwnersSpan, StoreReader } from '../storage/index.js';
import type { FeatureView } from './definition.js';
import { isKnownAt, type Known, type Line, type Question } from './evaluate.js';
import {
  type KeptLink,
  lineLog,
  linkedTable,
  linkTable,
  seriesKey,
  seriesTable,
} from './feature-fold.js';

/** Keys that one thing may have; more are not joined. */
const clusterMax = 32;
const olderPage = 16;

export class Lines {
  readonly #reader: StoreReader;

  constructor(reader: StoreReader) {
    this.#reader = reader;
  }

  /** Row ids of the series of these keys; a key without one has no contributions. */
  owners(view: FeatureView, keys: readonly string[]): number[] {
    const names = keys.map((key) => seriesKey(view.name, key));
    return this.#reader.rows(seriesTable.name, names).map((row) => row.id);
  }

  /** Row ids by key, for many keys of a view at once. */
  ownersOf(view: FeatureView, keys: readonly string[]): ReadonlyMap<string, number> {
    const names = keys.map((key) => seriesKey(view.name, key));
    const cut = view.name.length + 1;
    const rows = this.#reader.rows(seriesTable.name, names);
    return new Map(rows.map((row) => [row.key.slice(cut), row.id]));
  }

  /** Lines dated from `from` until before `to`, in order of dates. */
  load(owners: readonly number[], from: number, to: number): Line[] {
    const lines = owners.flatMap((owner) =>
      this.#reader.logRange(lineLog.name, owner, from, to).map(lineOf),
    );
    return owners.length > 1 ? lines.sort((a, b) => a.at - b.at || a.seq - b.seq) : lines;
  }

  /** The newest line before `from` that was known, or null: it says that the key was known at all. */
  older(
    owners: readonly number[],
    from: number,
    { t, known }: Question,
    importLagMs: number,
  ): Line | null {
    let newest: Line | null = null;
    for (const owner of owners) {
      for (let before = from; ; ) {
        const page = this.#reader.logBefore(lineLog.name, owner, before, olderPage).map(lineOf);
        const found = page.find((line) => line.eventAt <= t && isKnownAt(line, known, importLagMs));
        if (found !== undefined && (newest === null || found.at > newest.at)) newest = found;
        if (found !== undefined || page.length < olderPage) break;
        before = (page.at(-1) as Line).at;
      }
    }
    return newest;
  }

  /** Whether there is any line before this date. */
  has(owners: readonly number[], before: number): boolean {
    return owners.some(
      (owner) => this.#reader.logBefore(lineLog.name, owner, before, 1).length > 0,
    );
  }

  /** Every key of a view, in pages. */
  keys(view: FeatureView, after: string, limit: number): string[] {
    const prefix = seriesKey(view.name, '');
    const rows = this.#reader.keysRange(
      seriesTable.name,
      prefix,
      after === '' ? '' : prefix + after,
      limit,
    );
    return rows.map((row) => row.key.slice(prefix.length));
  }

  /** The keys that were one thing with this one at the moment, this one first. */
  cluster(view: FeatureView, key: string, known: Known): readonly string[] {
    const { identity } = view.of;
    if (identity === null) return [key];
    const keys = [key];
    for (let at = 0; at < keys.length && keys.length < clusterMax; at += 1) {
      const one = keys[at] as string;
      const near = [
        ...this.#links(identity, one, known).map((link) => encodeURIComponent(link.to)),
        ...this.#linkedTo(identity, one, known),
      ];
      for (const next of near) if (!keys.includes(next)) keys.push(next);
    }
    return keys.slice(0, clusterMax);
  }

  /** Those of the keys that were ever linked with another: what they are depends on the moment. */
  linkedAmong(view: FeatureView, keys: readonly string[]): ReadonlySet<string> {
    const { identity } = view.of;
    if (identity === null) return new Set();
    const names = new Map(keys.map((key) => [`${identity}/${decodeURIComponent(key)}`, key]));
    const rows = this.#reader.rows(linkTable.name, [...names.keys()]);
    const members = this.#reader.members(linkedTable.name, [...names.keys()]);
    return new Set([...rows, ...members].map((row) => names.get(row.key) as string));
  }

  /** Lines of many keys as text, by owner; null if they are more bytes than fit. */
  loadText(span: OwnersSpan, bytesMax: number): Map<number, Stretch[]> | null {
    const found = new Map<number, Stretch[]>();
    let size = 0;
    for (const part of this.#reader.logText(lineLog.name, span)) {
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
      size += bytes.length;
      if (size > bytesMax) return null;
      let of = -1;
      let stretch: Stretch | null = null;
      for (let at = 0; at < bytes.length; ) {
        let owner = 0;
        for (let place = at; bytes[place] !== comma; place += 1) {
          owner = owner * 10 + (bytes[place] as number) - zero;
        }
        const end = bytes.indexOf(lineBreak, at) + 1;
        if (owner === of && stretch !== null) stretch.end = end;
        else {
          of = owner;
          stretch = { bytes, start: at, end };
          const stretches = found.get(owner);
          if (stretches === undefined) found.set(owner, [stretch]);
          else stretches.push(stretch);
        }
        at = end;
      }
    }
    return found;
  }

  #linkedTo(identity: string, key: string, known: Known): string[] {
    const to = decodeURIComponent(key);
    return this.#reader
      .members(linkedTable.name, [`${identity}/${to}`])
      .map(({ member }) => encodeURIComponent(member))
      .filter((from) => this.#links(identity, from, known).some((link) => link.to === to));
  }

  #links(identity: string, key: string, known: Known): KeptLink[] {
    const row = this.#reader.row(linkTable.name, `${identity}/${decodeURIComponent(key)}`);
    if (row === undefined) return [];
    const { links } = JSON.parse(row.value) as { readonly links: readonly KeptLink[] };
    return links.filter((link) =>
      'k' in known
        ? link.since < known.k && (link.until === null || link.until >= known.k)
        : link.sinceAt <= known.by && (link.untilAt === null || link.untilAt > known.by),
    );
  }
}

function lineOf(row: LogRow): Line {
  const at = row['at'] as number;
  return {
    at,
    seq: row['seq'] as number,
    knownAt: row['known_at'] as number,
    kind: row['kind'] as number,
    feed: row['feed'] as number,
    eventAt: at - (row['event_lead'] as number),
    value: row.value,
    tile: null,
    measures: null,
  };
}

const [comma, zero, lineBreak] = [0x2c, 0x30, 0x0a];

/** Lines of one owner that lie together, as text of the log. */
export interface Stretch {
  readonly bytes: Buffer;
  readonly start: number;
  end: number;
}

/** Before the value of a line as text: owner, date, entry, place, and the log's own columns. */
const numbersOfLine = 8;

/** The lines of stretches written before entry `k`, as the general walk takes them. */
export function linesOfText(stretches: readonly Stretch[], k: number): Line[] {
  const lines: Line[] = [];
  for (const { bytes, start, end } of stretches) {
    for (const text of bytes.toString('utf8', start, end - 1).split('\n')) {
      const numbers = text.split(',', numbersOfLine);
      const [, at = 0, seq = 0, , knownAt = 0, kind = 0, feed = 0, lead = 0] = numbers.map(Number);
      if (seq >= k) continue;
      const value = text.slice(numbers.join().length + 1);
      const eventAt = at - lead;
      lines.push({ at, seq, knownAt, kind, feed, eventAt, value, tile: null, measures: null });
    }
  }
  return lines;
}
