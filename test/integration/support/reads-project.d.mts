import type { LoadedProject } from '../../../packages/platform/dist/app/index.js';
import type { ThreadOpener } from '../../../packages/platform/dist/features/index.js';

export function projectIn(folder: string): LoadedProject;
export function opener(folder: string): ThreadOpener;
export function endFile(folder: string): string;
