// The platform as a process that stops itself at a labelled point: `argv[2]` is a CrashChildOptions.
// Prints what `headrace up --json` does once it serves.
import { join } from 'node:path';
import { loadProject } from '../../../packages/platform/dist/app/load-project.js';
import { startPlatform } from '../../../packages/platform/dist/app/platform.js';

const { config, folder, crashAt, at } = JSON.parse(process.argv[2]);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
let left = at?.count ?? 0;
const platform = await startPlatform({
  project: await loadProject(config, process.env, join(folder, 'cache')),
  folder,
  log: silent,
  listen: { host: '127.0.0.1', port: 0 },
  boundaries: {
    ...(crashAt === null ? {} : { crashAt }),
    at(point) {
      if (point !== at?.point) return;
      left -= 1;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    },
  },
  crash(error) {
    process.stderr.write(`${error.code} ${error.message}\n`);
    process.exit(3);
  },
});
process.stdout.write(`${JSON.stringify({ apiUrl: platform.url })}\n`);
