// `npm test`: everything CI runs. The check steps first, then the unit suites again on Node 24 and
// the integration suites over the built packages. Prints each suite's seconds and, last, one line
// with the totals.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSteps, chooseSeed, Report, root } from './lib/steps.mjs';
import { provide, variableOf } from './needs.mjs';
import { node24 } from './node24.mjs';

chooseSeed();
const report = new Report();

// `types` is `tsc -b`, which is also the build: after it dist holds what the suites below need.
await checkSteps(report);

const second = await node24();
if ('reason' in second) report.skip('unit on node 24', second.reason);
else if (second.path !== process.execPath) {
  // The long random runs were done on the oldest Node; here a shorter one looks for what differs.
  const env = { HEADRACE_SIMULATIONS: '150', HEADRACE_HISTORIES: '1500', ...process.env };
  await report.vitest('unit on node 24', { node: second.path, project: 'unit', env });
}

await integration();
process.exitCode = report.finish();

async function integration() {
  const folder = join(root, 'test', 'integration');
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.test.ts'),
      )
    : [];
  const exclude = [];
  const env = {};
  for (const file of files) {
    for (const need of needsOf(join(folder, file))) {
      const result = await provide(need);
      if ('path' in result) env[variableOf(need)] = result.path;
      else {
        exclude.push(`test/integration/${file}`);
        report.skip(`integration/${file}`, result.reason);
      }
    }
  }
  if (files.length > exclude.length) {
    await report.vitest('integration', { project: 'integration', exclude, env });
  }
}

function needsOf(path) {
  const lines = readFileSync(path, 'utf8').matchAll(/^\/\/ needs: ([\w-]+)$/gm);
  return [...lines].map((match) => match[1]);
}
