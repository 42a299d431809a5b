/**
 * What the connector reads of an entity, as data: the members of each object the API can be asked
 * for. Which field types there are is the customer's; the members around them are the vendor's.
 */
export const readFields: Readonly<Record<string, readonly string[]>> = {
  EntityData: ['entityId', 'summary', 'fieldValues', 'mediaDetails', 'inbound', 'outbound'],
  EntitySummary: [
    ...['entityTypeId', 'createdDate', 'modifiedDate', 'completeness', 'fieldSetId'],
    ...['createdBy', 'modifiedBy', 'lockedBy'],
  ],
  FieldValue: ['fieldTypeId', 'value'],
  MediaInfo: ['entityId', 'url', 'extension'],
  LinkedEntity: ['entityId', 'linkTypeId', 'linkIndex', 'fieldValues'],
  Query: ['entityIds'],
  EntityType: ['id', 'fieldTypes', 'outboundLinkTypes'],
  FieldType: ['fieldTypeId', 'fieldTypeDisplayName', 'fieldDataType', 'cvlId', 'isMultiValue'],
  CvlValue: ['key', 'value'],
  Language: ['name'],
};

/** Names of people who edit; sealed, and of no use to a mapping. */
export const personalPaths: readonly string[] = [
  'summary.modifiedBy',
  'summary.createdBy',
  'summary.lockedBy',
];
