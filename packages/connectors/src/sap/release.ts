/**
 * Releases of SAP differ in the properties their sets have, and a request that names one too many is
 * refused whole. So a service is asked once what it has, and what it has not is not asked for; the
 * check names it. Fields of the settings' own are asked for all the same: their names may be wrong.
 */
import { HeadraceError } from '@headrace/sdk';
import { readMetadata } from './metadata.js';
import type { SapContext } from './odata/question.js';
import type { IsKnown } from './shape.js';

/** Properties and navigations by set; null where the service does not describe itself to us. */
type Release = ReadonlyMap<string, ReadonlySet<string>> | null;

/** By settings, of which a source has one object as long as it runs. */
const bySettings = new WeakMap<object, Map<string, Promise<Release>>>();

export async function knownIn(context: SapContext, root: string): Promise<IsKnown> {
  const services = bySettings.get(context.config) ?? new Map<string, Promise<Release>>();
  bySettings.set(context.config, services);
  let asked = services.get(root);
  if (asked === undefined) {
    asked = releaseOf(context, root);
    services.set(root, asked);
    // What failed is asked again with the next read.
    asked.catch(() => services.delete(root));
  }
  const release = await asked;
  return (set, property) => release?.get(set)?.has(property) ?? true;
}

async function releaseOf(context: SapContext, root: string): Promise<Release> {
  try {
    const sets = await readMetadata(context, root);
    return new Map(
      sets.map(({ name, properties, navigations }) => [
        name,
        new Set([...properties.map((one) => one.name), ...navigations]),
      ]),
    );
  } catch (thrown) {
    const status = thrown instanceof HeadraceError ? thrown.context.status : undefined;
    if (status === 403 || status === 404) return null;
    throw thrown;
  }
}
