/**
 * Folds a demo's journal again and prints what came of it: argv is the data directory. The platform of a
 * test is not word for word the one that is built, and views are known by their words, so what
 * `headrace replay --verify` asks first, whether the same definitions folded it, is left out here.
 */
import { readDemo } from '../../../packages/platform/dist/app/demo-folder.js';
import { prepareDemo } from '../../../packages/platform/dist/app/demo-project.js';
import { foldsOf } from '../../../packages/platform/dist/app/folds.js';
import { verifyReplay } from '../../../packages/platform/dist/engine/index.js';
import { createNormalizer } from '../../../packages/platform/dist/entities/index.js';

const folder = process.argv[2] ?? '';
const demo = readDemo(folder);
if (demo === null) throw new Error(`There is no demo in ${folder}.`);
const project = prepareDemo(folder, demo.shop, demo.beside);
const folds = foldsOf(project);
const result = verifyReplay({ folder, folds, normalizer: createNormalizer(project.sources) });
process.stdout.write(JSON.stringify(result));
