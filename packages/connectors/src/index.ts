export { example } from './example/index.js';
