/** Process of the baseline: argv is the pages, the database, how long. */
import { bareInsert } from './bare-insert.js';

const [pages = '', database = '', forMs = ''] = process.argv.slice(2);
process.stdout.write(JSON.stringify(bareInsert(pages, database, Number(forMs))));
