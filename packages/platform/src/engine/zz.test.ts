import { mkdtempSync } from 'node:fs';
import { it } from 'vitest';
import { createReader, openStore } from '../storage/index.js';
import { tablesOf } from './fold-runner.js';

it('t', () => {
  for (const base of ['/tmp/', '/dev/shm/']) {
    const t = performance.now();
    for (let i = 0; i < 20; i++) {
      const s = openStore(mkdtempSync(base), { tables: tablesOf([]), volatile: true });
      createReader(s, tablesOf([]));
      s.close();
    }
    console.log(base, (performance.now() - t) / 20);
  }
  const s = openStore(mkdtempSync('/tmp/'), { tables: tablesOf([]), volatile: true });
  s.main.prepare('INSERT INTO dirty VALUES (?,?,?,?)').run('s', 'a\0b', 1, 1);
  console.log(
    JSON.stringify(s.main.prepare('SELECT key FROM dirty').all()),
    JSON.stringify(
      s.main
        .prepare('SELECT d.key FROM json_each(?) j JOIN dirty d ON d.key=j.value')
        .all(JSON.stringify(['a\0b'])),
    ),
  );
});
