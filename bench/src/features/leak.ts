/**
 * What online reads answered over a simulated year, against the training sets of those very moments. A
 * platform lives some minutes of every week and is then killed; its clock goes on. It is sent lines
 * that are late, corrected or cancelled later, and counts of shelves. What it answers is kept as text. At
 * the end the as-of set at each answer's (T, K) must be that text, and a set of what was known at its
 * rows' times must be the one that was built half a year earlier.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchOptions, BenchResult } from '../shared/options.js';
import { loadAverage } from '../shared/process-usage.js';
import { seeded } from '../shared/seeded.js';

export interface LifeOrder {
  readonly folder: string;
  readonly clock: {
    readonly epochMs: number;
    readonly realStartMs: number;
    readonly rate: number;
  };
}

export interface LifeReady {
  readonly url: string;
  /** Of the first life only. */
  readonly token: string | null;
}

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const startMs = Date.UTC(2025, 0, 6);
const clockRate = 60;
const skus = 400;
const keysARead = 100;

interface Vector {
  readonly key: string;
  readonly values: Readonly<Record<string, { readonly status: string }>>;
  readonly evidence: { readonly t: number; readonly k: number };
}

/** One read: keys that were asked for together, at one (T, K). */
interface Answered {
  readonly views: readonly string[];
  readonly vectors: readonly Vector[];
}

export async function leak(options: BenchOptions): Promise<BenchResult> {
  const weeks = options.number('weeks', 52);
  const linesAWeek = options.number('lines', 400);
  const folder = join(options.data, 'leak');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const year = new Year(folder, linesAWeek);
  const answered: Answered[] = [];
  let half: { readonly spine: object; readonly text: string } | null = null;
  try {
    for (let week = 0; week < weeks; week += 1) {
      const life = await year.live(week);
      for (const part of [0, 1]) {
        await life.send(part);
        answered.push(await life.ask('sku'), await life.ask('shelf'));
      }
      if (week === Math.floor(weeks / 2)) {
        const [from, to] = [startMs + weekMs, startMs + week * weekMs].map(isoOf);
        const spine = { every: '7d', from, to, keys: year.keys(60, '') };
        half = { spine, text: await life.set(['demand', 'wide'], spine) };
      }
      await life.kill();
      if (week % 10 === 0) options.say(`week ${week + 1} of ${weeks}`);
    }
    const last = await year.live(weeks);
    const found = await compare(last, answered);
    const again = half === null ? '' : await last.set(['demand', 'wide'], half.spine);
    await last.kill();
    const isSameSet = half !== null && again === half.text;
    return {
      name: 'leak',
      value: found.mismatches + (isSameSet ? 0 : 1),
      unit: 'mismatches',
      detail: {
        ...{ weeks, linesAWeek, reads: answered.length, ...found },
        set: {
          rows: half === null ? 0 : half.text.split('\n').length - 1,
          builtInWeek: Math.floor(weeks / 2) + 1,
          isSameAtTheEnd: isSameSet,
        },
        loadAverage: loadAverage(),
        targets: {
          ...{ vectors: 10_000, mismatches: 0 },
          met:
            found.vectors >= 10_000 &&
            found.mismatches === 0 &&
            found.restatedDiffers > 0 &&
            isSameSet,
        },
      },
    };
  } finally {
    year.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(life: Life, answered: readonly Answered[]) {
  let vectors = 0;
  let withValues = 0;
  let mismatches = 0;
  let restatedDiffers = 0;
  let first: string | null = null;
  const ks = new Set<number>();
  for (const { views, vectors: told } of answered) {
    const { t, k } = (told[0] as Vector).evidence;
    ks.add(k);
    const labels = told.map(({ key }) => ({ key, at: isoOf(t) }));
    const known = valuesIn(await life.set(views, { labels }, { k }));
    const restated = valuesIn(await life.set(views, { labels }, 'restated'));
    for (const { key, values } of told) {
      vectors += 1;
      if (Object.values(values).some(({ status }) => status === 'ok')) withValues += 1;
      const then = JSON.stringify(values);
      if (restated.get(key) !== then) restatedDiffers += 1;
      if (known.get(key) === then) continue;
      mismatches += 1;
      first ??= `${key} at (${t}, ${k})`;
    }
  }
  return { vectors, withValues, positions: ks.size, mismatches, restatedDiffers, first };
}

/** The values of each key, as text. */
function valuesIn(set: string): ReadonlyMap<string, string> {
  const rows = set.trimEnd().split('\n');
  return new Map(
    rows
      .map((row) => JSON.parse(row) as Vector)
      .map((row) => [row.key, JSON.stringify(row.values)]),
  );
}

interface Told {
  readonly id: string;
  readonly orderedMs: number;
  versions: number;
}

/** The year as it goes on, over all lives. */
class Year {
  readonly #folder: string;
  readonly #linesAWeek: number;
  readonly #random = seeded(23);
  /** Lines that may still be corrected, with how often they were told. */
  readonly #told: Told[] = [];
  #token = '';
  #child: ChildProcess | null = null;

  constructor(folder: string, linesAWeek: number) {
    this.#folder = folder;
    this.#linesAWeek = linesAWeek;
  }

  keys(count: number, tail: string): string[] {
    return Array.from({ length: count }, () => `S${this.#random.below(skus)}${tail}`);
  }

  async live(week: number): Promise<Life> {
    const epochMs = startMs + week * weekMs;
    const clock = { epochMs, realStartMs: Date.now(), rate: clockRate };
    const order: LifeOrder = { folder: this.#folder, clock };
    const child = fork(new URL('./leak-project.js', import.meta.url), [JSON.stringify(order)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    const [{ url, token }] = (await once(child, 'message')) as [LifeReady];
    this.#token = token ?? this.#token;
    return new Life(child, url, this.#token, (part) => this.#sent(week, part), this);
  }

  end(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Half a week's lines, one in ten told before, one in ten up to three weeks late; and counts. */
  #sent(week: number, part: number) {
    const random = this.#random;
    const fromMs = startMs + (week - 1 + part / 2) * weekMs;
    const lines = Array.from({ length: this.#linesAWeek / 2 }, () => {
      const isAgain = this.#told.length > 0 && random.next() < 0.1;
      const lateMs = random.next() < 0.1 ? random.below(21) * dayMs : 0;
      const one = isAgain
        ? (this.#told[random.below(this.#told.length)] as Told)
        : {
            id: `L${this.#told.length}`,
            orderedMs: fromMs - lateMs + random.below(weekMs / 2),
            versions: 0,
          };
      if (!isAgain) this.#told.push(one);
      one.versions += 1;
      return {
        ...{ id: one.id, version: String(one.versions).padStart(4, '0') },
        ...{ sku: `S${random.below(skus)}`, orderedAt: isoOf(one.orderedMs) },
        ...{ units: String(1 + random.below(4)), net: `${1 + random.below(90)}.99` },
        state: random.next() < 0.05 ? 'cancelled' : 'open',
      };
    });
    const shelves = Array.from({ length: 60 }, () => {
      const sku = `S${random.below(skus)}`;
      const countedMs = fromMs + random.below(weekMs / 2);
      return {
        ...{ id: sku, version: isoOf(countedMs), sku, countedAt: isoOf(countedMs) },
        onHand: String(random.below(3) * random.below(20)),
      };
    });
    return { lines, shelves };
  }
}

class Life {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #token: string;
  readonly #sent: (part: number) => { lines: readonly object[]; shelves: readonly object[] };
  readonly #year: Year;

  constructor(
    child: ChildProcess,
    url: string,
    token: string,
    sent: (part: number) => { lines: readonly object[]; shelves: readonly object[] },
    year: Year,
  ) {
    this.#child = child;
    this.#url = url;
    this.#token = token;
    this.#sent = sent;
    this.#year = year;
  }

  async send(part: number): Promise<void> {
    const { lines, shelves } = this.#sent(part);
    await this.#post('/v1/ingest/till/line', lines);
    await this.#post('/v1/ingest/till/shelf', shelves);
  }

  /** Every view there is of an entity, for a hundred keys. */
  async ask(entity: string): Promise<Answered> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const listed = await (await fetch(`${this.#url}/v1/features`, { headers })).json();
    const views = (listed as { views: { name: string; entity: string }[] }).views
      .filter((view) => view.entity === entity)
      .map(({ name }) => name);
    const keys = this.#year.keys(keysARead, entity === 'sku' ? '' : '/dc');
    const text = await this.#post('/v1/features/online', { views, keys });
    return { views, vectors: (JSON.parse(text) as { vectors: Vector[] }).vectors };
  }

  /** The lines of a training set, without its summary. */
  async set(views: readonly string[], spine: object, known?: unknown): Promise<string> {
    const asked = { views, spine, ...(known === undefined ? {} : { known }) };
    const lines = (await this.#post('/v1/features/as-of', asked)).trimEnd().split('\n');
    return `${lines.slice(0, -1).join('\n')}\n`;
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #post(path: string, body: unknown): Promise<string> {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}` },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text;
  }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
