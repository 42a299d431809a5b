import type { DiscoveredField } from '@headrace/sdk';
import { HeadraceError } from '@headrace/sdk';
import { type MetadataSet, readMetadata } from './metadata.js';
import type { SapContext } from './odata/question.js';
import { questionOf } from './odata-stream-reader.js';
import { shapesByService } from './read-fields.js';
import { fieldsBySet } from './shape.js';
import { servicesOf } from './streams.js';

/**
 * Every property of the sets the streams read, with its type and label: SAP's own and the
 * customer's (`YY1_…`). Paths are as `extend` takes them: `A_Product.YY1_Fit_PRD`. Services these
 * credentials may not see are left out; `check` names them.
 */
export async function discover(context: SapContext): Promise<readonly DiscoveredField[]> {
  const found: DiscoveredField[] = [];
  for (const [service, names] of servicesOf(context.config)) {
    const sets = await metadataOf(context, `/sap/opu/odata/sap/${service}`);
    const shapes = shapesByService[service] ?? [];
    const read = new Set(shapes.flatMap(fieldsBySet).map(([set]) => set));
    const stream = names[0] ?? '';
    for (const set of sets) if (read.has(set.name)) found.push(...fieldsOf(stream, set));
  }
  for (const [stream, own] of Object.entries(context.config.odata)) {
    const { root, set: wanted } = questionOf(own, context.config);
    const sets = await metadataOf(context, root);
    for (const set of sets) if (set.name === wanted) found.push(...fieldsOf(stream, set));
  }
  return found;
}

function fieldsOf(stream: string, { name: set, properties }: MetadataSet): DiscoveredField[] {
  return properties.map(({ name, type, label }) => ({
    stream,
    path: `${set}.${name}`,
    type,
    label,
    isOwn: /^(YY1_|ZZ)/.test(name),
  }));
}

async function metadataOf(context: SapContext, root: string): Promise<readonly MetadataSet[]> {
  try {
    return await readMetadata(context, root);
  } catch (thrown) {
    const status = thrown instanceof HeadraceError ? thrown.context.status : undefined;
    if (status !== 403 && status !== 404) throw thrown;
    context.log.warn('The description of this service cannot be read.', { root });
    return [];
  }
}
