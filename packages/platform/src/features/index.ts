export * from './aggregates.js';
export * from './definition.js';
export { evaluate, type Known, type Line, type Question } from './evaluate.js';
export * from './feature-fold.js';
export * from './feature-reader.js';
export * from './measures.js';
export * from './online.js';
export * from './windows.js';
