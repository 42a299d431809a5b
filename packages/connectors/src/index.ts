export { example } from './example/index.js';
export { readFieldsByType as shopwareReadFields, shopware } from './shopware/index.js';
