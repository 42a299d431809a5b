/** The platform as a process: argv is the order; tells its address when it listens. */
import { prepareProject } from '../../../packages/platform/dist/app/load-project.js';
import { startPlatform } from '../../../packages/platform/dist/app/platform.js';
import { jsonLogger, systemClock } from '../../../packages/platform/dist/ports/index.js';
import { companyProject, type Systems } from './project.js';

export interface PlatformOrder {
  readonly folder: string;
  readonly port: number;
  readonly systems: Systems;
}

const { folder, port, systems } = JSON.parse(process.argv[2] ?? '') as PlatformOrder;
const clock = systemClock();
const platform = await startPlatform({
  project: prepareProject(companyProject(systems), { folder, variables: {}, definition: 'bench' }),
  folder,
  log: jsonLogger('error', () => clock.now()),
  listen: { host: '127.0.0.1', port },
  crash: (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  },
});
// Without its parent there is nobody left to measure.
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => void platform.close().then(() => process.exit(0)));
process.send?.({ url: platform.url, token: platform.token });
