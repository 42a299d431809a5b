/** What a service says of itself in `$metadata`: its sets, their properties, types and labels. */
import type { SapContext } from './odata/question.js';
import { readXml } from './xml.js';

export interface MetadataProperty {
  readonly name: string;
  /** `Edm.String`, `Edm.Decimal(13,3)`. */
  readonly type: string;
  readonly label: string | null;
}

export interface MetadataSet {
  readonly name: string;
  readonly properties: readonly MetadataProperty[];
  /** Names of the properties that lead to other sets. */
  readonly navigations: readonly string[];
}

export async function readMetadata(
  context: SapContext,
  root: string,
): Promise<readonly MetadataSet[]> {
  const { client } = context.config;
  const { body } = await context.http.request({
    method: 'GET',
    path: `${root}/$metadata${client === undefined ? '' : `?sap-client=${client}`}`,
    headers: { accept: 'application/xml' },
    timeoutMs: 120_000,
  });
  return parseMetadata(body);
}

/** Both versions: version 4 keeps labels in annotations, which name what they are about. */
export function parseMetadata(body: Uint8Array): readonly MetadataSet[] {
  const types = new Map<string, Map<string, MetadataProperty>>();
  const navigations = new Map<string, string[]>();
  const sets: { readonly name: string; readonly type: string }[] = [];
  const labels = new Map<string, string>();
  let type: Map<string, MetadataProperty> | null = null;
  let ofType: string[] = [];
  let target: string | null = null;
  readXml(body, {
    open(qualified, attributes) {
      const name = qualified.split(':').at(-1);
      if (name === 'EntityType') {
        type = new Map();
        types.set(attributes.Name ?? '', type);
        ofType = [];
        navigations.set(attributes.Name ?? '', ofType);
      } else if (name === 'Property' && type !== null) {
        const property = propertyOf(attributes);
        if (property.name !== '') type.set(property.name, property);
      } else if (name === 'NavigationProperty' && type !== null) {
        ofType.push(attributes.Name ?? '');
      } else if (name === 'EntitySet') {
        sets.push({ name: attributes.Name ?? '', type: lastOf(attributes.EntityType, '.') });
      } else if (name === 'Annotations') target = attributes.Target ?? null;
      else if (name === 'Annotation' && target?.includes('/') === true) {
        if (attributes.Term?.endsWith('Label') === true && attributes.String !== undefined) {
          labels.set(lastOf(target, '.'), attributes.String);
        }
      }
    },
    close(qualified) {
      const name = qualified.split(':').at(-1);
      if (name === 'EntityType') type = null;
      else if (name === 'Annotations') target = null;
    },
  });
  return sets.map((set) => ({
    name: set.name,
    navigations: navigations.get(set.type) ?? [],
    properties: [...(types.get(set.type)?.values() ?? [])].map((property) => ({
      ...property,
      label: property.label ?? labels.get(`${set.type}/${property.name}`) ?? null,
    })),
  }));
}

function propertyOf(attributes: Readonly<Record<string, string>>): MetadataProperty {
  const { Name = '', Type = '', Precision, Scale, MaxLength } = attributes;
  const size =
    Precision === undefined ? MaxLength : `${Precision}${Scale === undefined ? '' : `,${Scale}`}`;
  return {
    name: Name,
    type: size === undefined ? Type : `${Type}(${size})`,
    label: attributes['sap:label'] ?? null,
  };
}

function lastOf(text: string | undefined, separator: string): string {
  return text?.split(separator).at(-1) ?? '';
}
