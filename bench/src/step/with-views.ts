/** The step with all that a platform folds when every ready-made view is on, and a store filled by it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareDemo } from '../../../packages/platform/dist/app/demo-project.js';
import { foldsOf } from '../../../packages/platform/dist/app/folds.js';
import type { Fold } from '../../../packages/platform/dist/engine/index.js';
import { seeded } from '../shared/seeded.js';
import { type MadePage, PageMaker, pageSize } from './page-file.js';
import { openRig, startWorkerFor } from './rig.js';

const pagesAheadMax = 3;

/** Those of the demo's project; it has no flow here, and its shop is asked nothing. */
export function foldsWithViews(folder: string): {
  readonly folds: readonly Fold[];
  readonly views: number;
} {
  const nobody = { url: 'http://127.0.0.1:9', auth: 'id:secret', webhookSecret: 'secret' };
  const shop = { ...nobody, brands: { alpha: ['alpha-nl'], beta: ['beta-de'] }, salesChannels: {} };
  const project = prepareDemo(folder, shop, {}, { hasFlows: false });
  return { folds: foldsOf(project), views: project.project.features.length };
}

/** Sends so many new records through the step itself: what views keep of each depends on the others. */
export async function fillByStep(
  folder: string,
  entries: number,
  folds: readonly Fold[],
  say: (text: string) => void,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const rig = await openRig(folder, true, startWorkerFor(folds), folds);
  const shares = { updates: 0, duplicates: 0, uniform: 0, recentSpan: 1, lowest: 0 };
  const maker = new PageMaker({ nextNumber: 0, revision: 0 }, shares, seeded(5));
  const underWay: Promise<void>[] = [];
  for (let sent = 0; sent < entries; sent += pageSize) {
    const page: MadePage = maker.next();
    underWay.push(rig.submit(page));
    if (underWay.length >= pagesAheadMax) await underWay.shift();
    if (sent % 50_000 === 0) say(`${sent} of ${entries} entries are there`);
  }
  await Promise.all(underWay);
  await rig.close();
  writeFileSync(join(folder, 'preloaded'), `${JSON.stringify({ entries })}\n`);
}
