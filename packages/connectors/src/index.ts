export { example } from './example/index.js';
export { inriver, readFields as inriverReadFields } from './inriver/index.js';
export { idoc } from './sap/idoc/index.js';
export {
  type ODataStream,
  type ODataStreamSettings,
  readFieldsByService as sapReadFields,
  sap,
  sinkReadFieldsByService as sapSinkReadFields,
  writtenFieldsByService as sapWrittenFields,
} from './sap/index.js';
export { readFieldsByType as shopwareReadFields, shopware } from './shopware/index.js';
