/**
 * The order of the platform's rooms, from the bottom up: a room imports only rooms before it in
 * this list, and only through their `index.ts`. biome.json says the same to the editor; the tidy
 * tests hold both to this list.
 */
export const ROOMS = [
  'ports',
  'storage',
  'audit',
  'engine',
  'entities',
  'flows',
  'features',
  'quality',
  'predict',
  'lineage',
  'api',
  'app',
];
