import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ExportNote,
  exportsFile,
  exportsOf,
  keysNamePersons,
  mayNamePersons,
  noteExport,
} from './exports.js';

const note = (what: ExportNote['what'], rest: Partial<ExportNote> = {}): ExportNote => ({
  ...{ at: '2026-03-01T00:00:00.000Z', what, to: `/srv/${what}`, by: 'ada', ...rest },
});

describe('what left the data directory', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headrace-exports-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is nothing at first, then every note in order', () => {
    expect(exportsOf(folder)).toEqual([]);
    const notes = [note('backup'), note('features', { of: 'customer', persons: true })];
    for (const one of notes) noteExport(folder, one);
    expect(exportsOf(folder)).toEqual(notes);
  });

  it('loses no note to one that a full disk tore', () => {
    noteExport(folder, note('backup'));
    appendFileSync(exportsFile(folder), '\n{"at":"2026-03');
    noteExport(folder, note('proofs'));
    expect(exportsOf(folder).map(({ what }) => what)).toEqual(['backup', 'proofs']);
  });

  it('is not made where it cannot be noted', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => noteExport(file, note('backup'))).toThrow(/noted/);
  });

  it('concerns a person unless it can name nobody', () => {
    const all = [
      ...[note('backup'), note('proofs'), note('audit'), note('openlineage')],
      ...[note('features', { persons: true }), note('features', { persons: false })],
    ];
    expect(all.map(mayNamePersons)).toEqual([true, true, false, false, true, false]);
    expect(keysNamePersons({ identity: 'customer', parts: ['id'] })).toBe(true);
    expect(keysNamePersons({ identity: null, parts: ['sku', 'customerId'] })).toBe(true);
    expect(keysNamePersons({ identity: 'variant', parts: ['sku', 'location'] })).toBe(false);
  });
});
