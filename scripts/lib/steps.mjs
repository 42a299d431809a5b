import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Steps of `npm run check` and `npm test`. A step is either a tool that passes or fails as one, or
 * a vitest run whose JSON report gives the counts. Output of a step that passes is kept back
 * unless it is a vitest run; a failing step prints everything it said.
 */

export const root = fileURLToPath(new URL('../..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'headrace');
const bin = (name) => join(root, 'node_modules', '.bin', name);

/** @returns {Promise<{ code: number, text: string }>} */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...options.env },
      stdio: options.loud ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => resolve({ code: 127, text: String(error) }));
    child.on('close', (code) =>
      resolve({ code: code ?? 1, text: Buffer.concat(chunks).toString('utf8') }),
    );
  });
}

/** Collects results, prints each as it ends, and the totals at the very end. */
export class Report {
  #results = [];
  #startedAt = performance.now();

  /** A tool that passes or fails as a whole counts as one. */
  async tool(name, command, args, env = {}) {
    const startedAt = performance.now();
    const { code, text } = await run(command, args, { env });
    if (code !== 0) process.stdout.write(text);
    return this.#add({ name, startedAt, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 });
  }

  /** One vitest project or some of its files, run by the given node; returns whether nothing failed. */
  async vitest(name, { node = process.execPath, project, only = [], exclude = [], env = {} }) {
    const startedAt = performance.now();
    const file = join(cache, 'results', `${name.replace(/\W+/g, '-')}.json`);
    mkdirSync(join(cache, 'results'), { recursive: true });
    rmSync(file, { force: true });
    const args = [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      ...['run', '--project', project, '--passWithNoTests'],
      ...['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`],
      ...exclude.flatMap((path) => ['--exclude', path]),
      ...only,
    ];
    const { code } = await run(node, args, { loud: true, env });
    const counts = readCounts(file);
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    return this.#add({ name, startedAt, ...counts });
  }

  /** Something that could not run here. With CI=true that is a failure: CI must have all of it. */
  skip(name, reason) {
    const isFailure = process.env.CI === 'true';
    const counts = isFailure ? { passed: 0, failed: 1 } : { passed: 0, failed: 0, skipped: 1 };
    return this.#add({ name, startedAt: performance.now(), ...counts, note: reason });
  }

  /** Prints the table and the closing line; returns the exit code. */
  finish() {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    process.stdout.write('\n');
    for (const result of this.#results) {
      process.stdout.write(`${line(result)}\n`);
      for (const part of result.files ?? []) {
        process.stdout.write(`    ${part.seconds.toFixed(1).padStart(7)} s  ${part.name}\n`);
      }
    }
    // A log that was cut in the middle must still say what failed, so this stands at its very end.
    for (const failure of this.#results.flatMap((one) => one.failures ?? [])) {
      process.stdout.write(`FAILED  ${failure}\n`);
    }
    const sum = (field) => this.#results.reduce((total, one) => total + (one[field] ?? 0), 0);
    const skipped = sum('skipped');
    process.stdout.write(`${seconds.toFixed(1)} s in all\n\n`);
    process.stdout.write(
      `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    );
    return sum('failed') > 0 ? 1 : 0;
  }

  #add({ startedAt, ...result }) {
    const added = { ...result, seconds: (performance.now() - startedAt) / 1000 };
    this.#results.push(added);
    process.stdout.write(`${line(added)}\n`);
    return added.failed === 0;
  }
}

/** Format, lint, types and unit tests: what an author runs before each commit. No network. */
export async function checkSteps(report) {
  await report.tool('format', bin('biome'), ['format', '--max-diagnostics=200']);
  await report.tool('lint', bin('biome'), [
    ...['lint', '--error-on-warnings', '--max-diagnostics=200'],
  ]);
  await report.tool('types', bin('tsc'), ['-b', '--pretty', 'false']);
  await report.vitest('unit', { project: 'unit' });
}

/** A seed for the property tests: the user's, a fixed one in CI, else a new one each run. */
export function chooseSeed() {
  process.env.HEADRACE_SEED ??= process.env.CI === 'true' ? '1' : String(Date.now() % 1_000_000);
  process.stdout.write(`HEADRACE_SEED=${process.env.HEADRACE_SEED}\n`);
}

function line({ name, seconds, passed, failed, skipped = 0, note }) {
  const state = failed > 0 ? 'FAILED' : skipped > 0 && passed === 0 ? 'skipped' : 'ok';
  const counts = passed + failed > 1 ? `  ${passed} passed, ${failed} failed` : '';
  const extra = `${counts}${skipped > 0 && passed > 0 ? `, ${skipped} skipped` : ''}`;
  return `${state.padEnd(8)}${name.padEnd(22)}${seconds.toFixed(1).padStart(7)} s${extra}${note ? `  (${note})` : ''}`;
}

function readCounts(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, note: 'vitest left no report' };
  }
  // A file that breaks while loading has no tests of its own to count.
  const broken = report.testResults.filter(
    (one) => one.status === 'failed' && one.assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap((file) => failuresOf(file)),
    files: report.testResults
      .map((one) => ({
        name: relative(root, one.name),
        seconds: Math.max(0, one.endTime - one.startTime) / 1000,
      }))
      .filter((one) => one.seconds >= 1)
      .sort((a, b) => b.seconds - a.seconds),
  };
}

/** One paragraph a failure: where, which test, and the first lines of what it said. */
function failuresOf(file) {
  const path = relative(root, file.name);
  const broken = file.assertionResults.length === 0 && file.status === 'failed';
  const failed = file.assertionResults.filter((one) => one.status === 'failed');
  return [
    ...(broken ? [`${path}\n${indented(file.message)}`] : []),
    ...failed.map((one) => `${path}: ${one.fullName}\n${indented(one.failureMessages.join('\n'))}`),
  ];
}

function indented(text) {
  const lines = text.split('\n').slice(0, 30);
  return lines.map((each) => `    ${each.slice(0, 300)}`).join('\n');
}
