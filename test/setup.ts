import { configureGlobal } from 'fast-check';

// vitest.config.ts has chosen and printed the seed.
configureGlobal({ seed: Number(process.env.HEADRACE_SEED) });
