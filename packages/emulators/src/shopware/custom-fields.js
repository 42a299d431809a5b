import { listTable, makeRows, oneRow, stamps } from './table.js';

/** The shop owner's own fields, as sets bound to entities. */
const SETS = [
  {
    name: 'custom_product_details',
    label: 'Product details',
    entityName: 'product',
    fields: [
      { name: 'custom_fit', type: 'select' },
      { name: 'custom_care_code', type: 'text' },
      { name: 'custom_image_quality', type: 'int' },
    ],
  },
  {
    name: 'custom_order_details',
    label: 'Order details',
    entityName: 'order',
    fields: [{ name: 'custom_gift_wrap', type: 'bool' }],
  },
  {
    name: 'custom_customer_details',
    label: 'Customer details',
    entityName: 'customer',
    fields: [
      { name: 'custom_loyalty_tier', type: 'select' },
      { name: 'custom_newsletter_consent', type: 'bool' },
    ],
  },
];
export const customFieldTables = (reference) => {
  const { ids, installedAtMs } = reference;
  const sets = makeRows(ids, 'custom_field_set', SETS, installedAtMs);
  const fields = makeRows(
    ids,
    'custom_field',
    SETS.flatMap((set, setRow) =>
      set.fields.map((field, position) => ({ ...field, setRow, position })),
    ),
    installedAtMs,
  );
  const relations = makeRows(
    ids,
    'custom_field_set_relation',
    SETS.map((set, setRow) => ({ entityName: set.entityName, setRow })),
    installedAtMs,
  );
  const setOf = (rows) => (row) => oneRow(rows[row]?.setRow ?? -1);
  return [
    listTable({
      entity: 'custom_field_set',
      rows: sets,
      values: { name: (row) => row.name },
      associations: {
        customFields: {
          entity: 'custom_field',
          isMany: true,
          rows: (row) => fields.flatMap((field, index) => (field.setRow === row ? [index] : [])),
        },
        relations: { entity: 'custom_field_set_relation', isMany: true, rows: (row) => [row] },
      },
      emptyAssociations: { products: 'many', app: 'one' },
      build: (row, _, index) => ({
        name: row.name,
        config: { label: { 'en-GB': row.label }, translated: true },
        active: true,
        global: false,
        position: index + 1,
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'custom_field',
      rows: fields,
      values: { name: (row) => row.name, type: (row) => row.type },
      associations: {
        customFieldSet: { entity: 'custom_field_set', isMany: false, rows: setOf(fields) },
      },
      build: (row) => ({
        name: row.name,
        type: row.type,
        config: {
          label: { 'en-GB': row.name },
          customFieldType: row.type,
          customFieldPosition: row.position + 1,
        },
        active: true,
        customFieldSetId: sets[row.setRow]?.id ?? null,
        allowCustomerWrite: false,
        allowCartExpose: false,
        ...stamps(row),
      }),
    }),
    listTable({
      entity: 'custom_field_set_relation',
      rows: relations,
      associations: {
        customFieldSet: { entity: 'custom_field_set', isMany: false, rows: setOf(relations) },
      },
      build: (row) => ({
        customFieldSetId: sets[row.setRow]?.id ?? null,
        entityName: row.entityName,
        ...stamps(row),
      }),
    }),
  ];
};
//# sourceMappingURL=custom-fields.js.map
