/** How a thread of the benchmark comes to its reader. */
import { openFacts } from './fact-store.js';

export const openForThread = (folder: string) => openFacts(folder);
