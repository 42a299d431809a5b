import type { Json, JsonObject } from '@headrace/sdk';
import { object } from '../json.js';

type Traits = Record<string, Record<string, Json>>;

/**
 * Custom fields by the paths the settings give them (`traits.shop.fit` → `custom_fit`), beside
 * facts of Shopware itself under `traits.shopware`.
 */
export function traitsOf(
  customFields: Json | undefined,
  paths: Readonly<Record<string, string>> | undefined,
  own: JsonObject = {},
): { readonly traits?: Traits } {
  const values = object(customFields) ?? {};
  const traits: Traits = {};
  for (const [name, value] of Object.entries(own)) {
    if (value !== null) put(traits, 'shopware', name, value);
  }
  for (const [path, name] of Object.entries(paths ?? {})) {
    const [, namespace = '', trait = ''] = path.split('.');
    if (Object.hasOwn(values, name)) put(traits, namespace, trait, values[name] ?? null);
  }
  return Object.keys(traits).length === 0 ? {} : { traits };
}

function put(traits: Traits, namespace: string, name: string, value: Json): void {
  const group = Object.hasOwn(traits, namespace) ? traits[namespace] : undefined;
  traits[namespace] = { ...group, [name]: value };
}
