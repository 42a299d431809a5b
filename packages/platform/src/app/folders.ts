/** Where a project and its data are. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What a project is told in. */
export const configName = 'headrace.config.ts';

export interface PlaceOptions {
  readonly data?: string;
  readonly config?: string;
}

export function projectFile({ config }: PlaceOptions): string {
  return resolve(config ?? configName);
}

export function projectFolder(options: PlaceOptions): string {
  return dirname(projectFile(options));
}

/** Where `demo` keeps its data when not told otherwise. */
export const demoFolderName = join('.headrace', 'demo');

/** `--data`, else `.headrace` beside the project; without a project, what a demo left here. */
export function dataFolder(options: PlaceOptions): string {
  if (options.data !== undefined) return resolve(options.data);
  const folder = projectFolder(options);
  const demo = join(folder, demoFolderName);
  const isDemo = !existsSync(projectFile(options)) && existsSync(demo);
  return isDemo ? demo : join(folder, '.headrace');
}
