// `npm run check`: format, lint, types and unit tests. Works offline, meant for every commit.
import { checkSteps, chooseSeed, Report } from './lib/steps.mjs';

chooseSeed();
const report = new Report();
await checkSteps(report);
process.exitCode = report.finish();
