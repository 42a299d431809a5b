export { example } from './example/index.js';
export { readFields as shopwareReadFields, shopware } from './shopware/index.js';
