// The platform as a process that stops itself at a labelled point, of one flow where `by` names it:
// `argv[2]` says which. Prints what `headrace up --json` does once it serves.
import { join } from 'node:path';
import { loadProject } from '../../../packages/platform/dist/app/load-project.js';
import { startPlatform } from '../../../packages/platform/dist/app/platform.js';

const { config, folder, crashAt, at, port = 0 } = JSON.parse(process.argv[2]);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
let left = at?.count ?? 0;
const platform = await startPlatform({
  project: await loadProject(config, process.env, join(folder, 'cache')),
  folder,
  log: silent,
  listen: { host: '127.0.0.1', port },
  boundaries: {
    ...(crashAt === null ? {} : { crashAt }),
    at(point, by) {
      if (point !== at?.point || (at.by !== undefined && at.by !== by)) return;
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
