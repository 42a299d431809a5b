import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { LogReader } from './log-reader.js';
import { Frontier } from './merkle.js';
import { fullTilesBetween, logFolder, openTileLog, syncedFile, type TileLog } from './tile-log.js';
import { tilePath } from './tiles.js';
import { checkConsistency, checkInclusion } from './tree-proof.js';

const home = mkdtempSync(join(tmpdir(), 'tile-log-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(home, `${count++}`);
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const sha256 = (text: string) => createHash('sha256').update(text).digest();
const all = Array.from({ length: 66_500 }, (_, index) => sha256(`entry ${index}`));
const frontiers = new Map<number, Frontier>();
const running = new Frontier();
for (const [index, leaf] of all.entries()) {
  running.append(leaf);
  if (index % 50 === 49) frontiers.set(index + 1, running.copy());
}
/** As if a store of so many entries were opened. */
const open = (folder: string, size: number): TileLog =>
  openTileLog({
    folder,
    frontier: frontiers.get(size) ?? new Frontier(),
    leaves: (from, many) => all.slice(from, Math.min(from + many, size)),
  });
const append = (log: TileLog, from: number, to: number) => {
  for (const leaf of all.slice(from, to)) log.builder.append(leaf);
  log.committed();
};
/** Everything below `log/tile`, by path. */
function filesOf(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string): void => {
    for (const name of readdirSync(join(logFolder(folder), path))) {
      const inner = `${path}/${name}`;
      if (statSync(join(logFolder(folder), inner)).isDirectory()) visit(inner);
      else found.set(inner, digest(readFileSync(join(logFolder(folder), inner))));
    }
  };
  visit('tile');
  return found;
}
const defined = new Map<number, Map<string, string>>();
function definedFiles(size: number): Map<string, string> {
  const known = defined.get(size);
  if (known !== undefined) return known;
  const folder = fresh();
  open(folder, size).publish();
  const files = filesOf(folder);
  defined.set(size, files);
  return files;
}

describe('tile log', () => {
  it('proves every entry of a published size from files alone, over three levels', () => {
    const folder = fresh();
    const size = 66_500;
    const { root } = open(folder, size).publish();
    const reader = new LogReader(folder);
    for (let index = 0; index < size; index += 263) {
      const path = reader.inclusion(index, size);
      expect(checkInclusion(all[index] as Buffer, index, size, path, root)).toBe(true);
    }
    const old = { size: 4950, root: (frontiers.get(4950) as Frontier).root() };
    expect(Buffer.from(reader.root(old.size, size))).toEqual(Buffer.from(old.root));
    const proof = reader.consistency(old.size, size);
    expect(checkConsistency(old, { size, root }, proof)).toBe(true);
  });

  it('has the same files however the log grew, was cut off and was opened again', () => {
    const step = fc.record({
      more: fc.integer({ min: 1, max: 12 }),
      end: fc.constantFrom('goes on', 'killed before tiles', 'killed after tiles', 'lost power'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const folder = fresh();
        let size = 0;
        let log = open(folder, 0);
        for (const { more, end } of steps) {
          const next = size + more * 50;
          append(log, size, next);
          size = next;
          if (end === 'goes on') {
            log.flush();
            log.publish();
            writeFileSync(syncedFile(folder), `${size}\n`);
            continue;
          }
          if (end !== 'killed before tiles') log.flush();
          if (end === 'lost power') tear(folder);
          log = open(folder, size);
        }
        log.publish();
        log.publish();
        log.publish();
        expect(filesOf(folder)).toEqual(definedFiles(size));
      }),
      { numRuns: process.env['CI'] === 'true' ? 40 : 15 },
    );
  });

  /** What was not synced may be anything after a power cut. */
  function tear(folder: string): void {
    const file = syncedFile(folder);
    const synced = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    for (const path of fullTilesBetween(synced, 8000)) {
      const whole = join(logFolder(folder), path);
      if (existsSync(whole)) writeFileSync(whole, Buffer.alloc(8192));
    }
  }

  it('keeps the growing tiles of the checkpoint before, for whoever still reads with it', () => {
    const folder = fresh();
    const log = open(folder, 0);
    append(log, 0, 300);
    const first = log.publish();
    append(log, 300, 350);
    log.publish();
    const path = new LogReader(folder).inclusion(299, 300);
    expect(checkInclusion(all[299] as Buffer, 299, 300, path, first.root)).toBe(true);
    append(log, 350, 400);
    log.publish();
    expect(filesOf(folder).has(tilePath(0, 1, 44))).toBe(false);
  });

  it('is made whole when a tile below the synced size was damaged', () => {
    const folder = fresh();
    open(folder, 2000).publish();
    writeFileSync(syncedFile(folder), '2000\n');
    const damaged = join(logFolder(folder), tilePath(0, 3));
    writeFileSync(damaged, readFileSync(damaged).fill(0, 5, 6));
    const notes: string[] = [];
    openTileLog({
      folder,
      frontier: frontiers.get(2000) as Frontier,
      leaves: (from, many) => all.slice(from, Math.min(from + many, 2000)),
      note: (message) => notes.push(message),
    }).publish();
    expect(notes[0]).toContain('not what the journal says');
    expect(filesOf(folder)).toEqual(definedFiles(2000));
  });

  it('is not opened over a journal that gives another root', () => {
    const folder = fresh();
    open(folder, 2000).publish();
    const forged = [...all];
    forged[1999] = sha256('another');
    const opening = () =>
      openTileLog({
        folder,
        frontier: frontiers.get(2000) as Frontier,
        leaves: (from, many) => forged.slice(from, Math.min(from + many, 2000)),
      });
    expect(opening).toThrow('does not give the root');
  });

  it('says which tile is missing when a proof needs it', () => {
    const folder = fresh();
    open(folder, 600).publish();
    const copy = fresh();
    cpSync(folder, copy, { recursive: true });
    rmSync(join(logFolder(copy), tilePath(0, 1)));
    expect(() => new LogReader(copy).inclusion(300, 600)).toThrow('tile/0/001');
  });
});
