// `npm test`: everything CI runs. The check steps first, then the unit suites again on Node 24 and
// the integration suites over the built packages: two at a time, and then by themselves those that
// say `// runs: alone`, because they live on a fast clock or ask for both cores. Prints each suite's
// seconds and, last, one line with the totals.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSteps, chooseSeed, Report, root } from './lib/steps.mjs';
import { provide, variableOf } from './needs.mjs';
import { node24 } from './node24.mjs';

chooseSeed();
const report = new Report();

// `types` is `tsc -b`, which is also the build: after it dist holds what the suites below need.
await checkSteps(report);
await report.tool('page', process.execPath, [join(root, 'scripts', 'build-console.mjs')]);

const second = await node24();
if ('reason' in second) report.skip('unit on node 24', second.reason);
else if (second.path !== process.execPath) {
  // The long random runs were done on the oldest Node; here a shorter one looks for what differs.
  const env = { HEADRACE_SIMULATIONS: '20', HEADRACE_HISTORIES: '200', ...process.env };
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
  const beside = [];
  const alone = [];
  const env = {};
  for (const file of files) {
    const { needs, runsAlone } = notesOf(join(folder, file));
    let isProvided = true;
    for (const need of needs) {
      const result = await provide(need);
      if ('path' in result) env[variableOf(need)] = result.path;
      else {
        isProvided = false;
        report.skip(`integration/${file}`, result.reason);
      }
    }
    if (isProvided) (runsAlone ? alone : beside).push(`test/integration/${file}`);
  }
  const project = 'integration';
  if (beside.length > 0) {
    const two = { ...env, HEADRACE_INTEGRATION_WORKERS: '2' };
    await report.vitest('integration', { project, only: beside, env: two });
  }
  if (alone.length > 0) await report.vitest('integration, alone', { project, only: alone, env });
}

/** What a suite says of itself in lines of their own. */
function notesOf(path) {
  const text = readFileSync(path, 'utf8');
  return {
    needs: [...text.matchAll(/^\/\/ needs: ([\w-]+)$/gm)].map((match) => match[1]),
    runsAlone: /^\/\/ runs: alone$/m.test(text),
  };
}
