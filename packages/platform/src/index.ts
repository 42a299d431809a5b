/** The public door of `headrace`: what a project, a connector of your own and a program need. */
export * from './app/index.js';
