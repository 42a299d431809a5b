import type { ConfiguredSource, JsonObject, MapContext, MappedRecord } from '@headrace/sdk';
import { HeadraceError } from '@headrace/sdk';

/**
 * Changes what the mapping of a stream says. Gets the canonical records the connector made and the
 * source record they came from. Pure: no clock, no requests, nothing but its arguments.
 */
export type MapChange = (
  mapped: readonly MappedRecord[],
  record: JsonObject,
  context: MapContext<unknown>,
) => readonly MappedRecord[];

/**
 * A source whose mapping you changed, by stream; used in `headrace.config.ts`:
 *
 * ```ts
 * shop: remap(shopware({ … }), { product: maps.product })
 * ```
 */
export function remap<Config>(
  source: ConfiguredSource<Config>,
  changes: Readonly<Record<string, MapChange>>,
): ConfiguredSource<Config> {
  const { connector } = source;
  return {
    ...source,
    connector: {
      ...connector,
      streams(config) {
        const streams = connector.streams(config);
        const known = streams.map((stream) => stream.name);
        for (const name of Object.keys(changes)) {
          if (!known.includes(name)) throw unknownStream(connector.name, name, known);
        }
        return streams.map((stream) => {
          const change = changes[stream.name];
          if (change === undefined) return stream;
          return {
            ...stream,
            map: (record, context) => change(stream.map(record, context), record, context),
          };
        });
      },
    },
  };
}

function unknownStream(connector: string, name: string, known: readonly string[]): HeadraceError {
  return new HeadraceError('config', `${connector} has no stream ${name} to remap.`, {
    code: 'E_NO_STREAM',
    hint: `Its streams are ${known.join(', ')}.`,
  });
}
