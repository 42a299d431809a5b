/** Streams over services we know nothing of: Z services, CDS views, APIs not covered here. */
import type { EntityName, JsonObject, MapContext, MappedRecord, PersonalSpec } from '@headrace/sdk';
import type { ODataVersion } from './odata/query.js';

export interface ODataStreamSettings {
  /** Name below `/sap/opu/odata/sap/` (`ZSTOCK_NOTES_SRV`), or a path from the root. */
  readonly service: string;
  /** The entity set: `ZNotes`. */
  readonly entity: string;
  /** The key property, or several in the order of the set's key. */
  readonly key: string | readonly string[];
  /**
   * Property with the time of the last change (`Edm.DateTimeOffset`). Without one the whole set is
   * read each time and compared.
   */
  readonly changeField?: string;
  readonly version: ODataVersion;
  /** What is read; all of it when not said. */
  readonly select?: readonly string[];
  readonly expand?: readonly string[];
  /** Holds of every record, in the language of OData: `Plant eq 'NL01'`. */
  readonly filter?: string;
  /** Properties of the key compared as they are: numbers and guids. */
  readonly plainKeys?: readonly string[];
  /** Canonical entities `map` gives. */
  readonly entities?: readonly EntityName[];
  readonly personal?: PersonalSpec;
  /** `30s`, `5m`; default 15s, a minute where all of it is read. */
  readonly everyMs?: number;
  readonly description?: string;
  /** Pure. Gives nothing when left out: the records are kept and can be looked at. */
  map?(record: JsonObject, context: MapContext<unknown>): readonly MappedRecord[];
}

export interface ODataStream extends ODataStreamSettings {
  readonly kind: 'odata';
}

/**
 * A stream of your own, under `odata` of the settings:
 *
 * ```ts
 * odata: { notes: sap.odata({ service: 'ZNOTES_SRV', entity: 'Notes', key: 'Id', version: 2 }) }
 * ```
 */
export function odata(settings: ODataStreamSettings): ODataStream {
  return { ...settings, kind: 'odata' };
}
