import type { z } from 'zod';
import type { Connector, ConnectorSpec } from './connector.js';

/**
 * Makes a connector from its description. Call the result with settings to place it in a project:
 *
 * ```ts
 * export const shopware = defineConnector({ name: 'shopware', … });
 * shopware({ url: 'https://shop.example', … });
 * ```
 */
export function defineConnector<Schema extends z.ZodType>(
  spec: ConnectorSpec<Schema>,
): Connector<Schema> {
  const connector = (settings: z.input<Schema>) => ({
    kind: 'source' as const,
    connector: spec as never,
    settings,
  });
  return Object.assign(connector, { spec });
}
