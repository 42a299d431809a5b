import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ConfiguredSource, type Tested, untested } from '@headrace/sdk';
import { replayRecording, testConnector } from '@headrace/sdk/testing';
import { describe, expect, it } from 'vitest';
import * as connectors from './index.js';

// Recordings of real systems: `recorded/NAME` in a connector's folder, named in its `tested.ts`.

interface Made {
  readonly spec: { readonly name: string; readonly tested?: Tested };
  (settings: never): ConfiguredSource;
}

const all = Object.values(connectors).filter((value): value is never => 'spec' in value) as Made[];
const folderOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

describe.each(all.map((make) => [make.spec.name, make] as const))('%s', (name, make) => {
  const tested = make.spec.tested ?? untested;

  it('names every recording it has', () => {
    const place = folderOf(`${name}/recorded`);
    const found = existsSync(place) ? readdirSync(place).map((one) => `recorded/${one}`) : [];
    expect(tested.recorded.map(({ folder }) => folder).sort()).toEqual(found.sort());
  });

  it('dates what was done by hand', () => {
    const { specification, recorded, real } = tested;
    const dated = specification === null || 'none' in specification ? [] : [specification];
    for (const { date, version } of [...dated, ...recorded, ...real]) {
      expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(version).not.toBe('');
    }
  });

  for (const { folder } of tested.recorded) {
    const recording = replayRecording(folderOf(`${name}/${folder}`));
    const source = make(recording.settings as never);
    const cases = testConnector(source, { clock: recording.clock, recording });
    for (const one of cases) it(`${folder}: ${one.name}`, one.run);
  }
});
