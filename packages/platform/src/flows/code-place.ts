/** Where in a mapping something was thrown, from the stack of what was thrown. Pure. */
import { fileURLToPath } from 'node:url';

export interface CodePlace {
  /** From the project's folder, or from the package it is in. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const frame = /^\s*at (?:.* \()?(.+):(\d+):(\d+)\)?$/;
/** What runs mappings, and what they call; the mistake is seldom there. */
const own = /\/(?:sdk|platform|headrace)\/(?:dist|src)\//;
const segmentsMax = 4;

/**
 * The innermost line of the project; without one, of the connector; without one, of anything.
 *
 * @param folder The project's, to name its files from there; null outside a project.
 */
export function placeOf(thrown: unknown, folder: string | null): CodePlace | null {
  const stack = thrown instanceof Error ? (causeOf(thrown).stack ?? '') : '';
  const places = stack.split('\n').flatMap((text): CodePlace[] => {
    const [, at = '', line, column] = frame.exec(text) ?? [];
    const file = at.startsWith('file:') ? fileURLToPath(at) : at;
    if (!file.startsWith('/') && !/^[A-Za-z]:/.test(file)) return [];
    return [{ file: file.replaceAll('\\', '/'), line: Number(line), column: Number(column) }];
  });
  const root = folder === null ? null : `${folder.replaceAll('\\', '/').replace(/\/$/, '')}/`;
  const isOfProject = ({ file }: CodePlace) =>
    root !== null && file.startsWith(root) && !file.includes('/node_modules/');
  const place =
    places.find((one) => isOfProject(one) && !own.test(one.file)) ??
    places.find(({ file }) => !own.test(file)) ??
    places[0];
  if (place === undefined) return null;
  const { file } = place;
  return { ...place, file: isOfProject(place) ? file.slice(root?.length) : packaged(file) };
}

/** An error of ours that wraps what the mapping threw has its own, later place. */
function causeOf(thrown: Error): Error {
  return thrown.cause instanceof Error ? causeOf(thrown.cause) : thrown;
}

/** Nobody is to learn where on the machine a package lies. */
function packaged(file: string): string {
  const inModules = file.split('/node_modules/').at(-1) ?? file;
  if (inModules !== file) return inModules;
  return file.split('/').slice(-segmentsMax).join('/');
}

export function placeText({ file, line }: CodePlace): string {
  return `${file}:${line}`;
}
