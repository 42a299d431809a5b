/**
 * What an ERP holds, by ledger: which canonical rows are held against it and how. The ERP's own
 * names of plants are settings of the project, so they are given: `{ plants: { NL01: 'dc-nl' } }`.
 */

const dayMs = 86_400_000;
const day = (ms) => (ms === null ? undefined : new Date(ms).toISOString().slice(0, 10));
const dayOf = (text) => text?.slice(0, 10);
/** SAP's clocks show whole seconds. */
const second = (ms) => (ms === null || ms === undefined ? null : Math.floor(ms / 1000) * 1000);
const instant = (text) => (text === undefined || text === null ? null : Date.parse(text));
const minor = (text) => (text === undefined ? undefined : Math.round(Number(text) * 100));
const milli = (text) => (text === undefined ? undefined : Math.round(Number(text) * 1000));
const count = (quantity) => (quantity === undefined ? undefined : Number(quantity.value));
const gtin14 = (text) => (text === null || text === undefined ? undefined : text.padStart(14, '0'));
const recordKey = (row) => row.record.split('/').slice(2).join('/');
const filled = (number) => (number === 0 ? undefined : number);
const lastDay = (days) => dayOf(days.toSorted().at(-1));

/** A material's text is its name with its size, cut to what SAP keeps of it. */
const isNamed = (names, served) =>
  Object.entries(served ?? {}).every(([language, text]) => {
    const name = Object.entries(names).find(([tag]) => tag.startsWith(language.slice(0, 2)))?.[1];
    return typeof name === 'string' && text.startsWith(name.slice(0, 40));
  }) && Object.keys(served ?? {}).length > 0;

const stockTypes = { unrestricted: '01', quality: '02', blocked: '07' };
const deliveryStates = { none: 'A', started: 'B', done: 'C' };

const materialFields = (row, served) => [
  ['name', true, isNamed(row.names, served.name)],
  ['leaves', row.markedForDeletion, served.state === 'discontinued'],
  ['blocked', row.blocked, served.rawState !== undefined],
];

/** @param plants Plant → location of the project. */
export function erpComparisons(plants) {
  const at = (row) => plants[row.plant] ?? row.plant;
  const plannedLines = (served) =>
    served.traits?.sap?.schedule ?? [
      {
        date: dayOf(served.promisedAt),
        quantity: served.orderedQuantity?.value,
        confirmed: served.confirmedQuantity?.value,
      },
    ];
  return {
    materials: {
      entity: 'variant',
      stream: 'product',
      ledgerRows: (row) => (row.sellable ? [row] : []),
      ledgerKey: (row) => row.material,
      servedKey: (row) => row.fields.sku,
      fields: (row, served) => [
        ...materialFields(row, served),
        ['gtin', gtin14(row.gtin), served.gtin],
        ['grams', row.weightGrams ?? undefined, milli(served.weightKilograms)],
      ],
    },
    'generic-materials': {
      ledger: 'materials',
      entity: 'product',
      stream: 'product',
      ledgerRows: (row) => (row.sellable ? [] : [row]),
      ledgerKey: (row) => row.material,
      servedKey: (row) => row.fields.productId,
      fields: materialFields,
    },
    costs: {
      entity: 'cost',
      stream: 'cost',
      ledgerKey: (row) => `${row.sku}/${at(row)}`,
      servedKey: (row) => `${row.fields.sku}/${row.fields.location}`,
      fields: (row, served) => [
        ['method', row.method, served.method],
        [
          'price',
          row.method === 'standard' ? row.standardMilli : row.averageMilli,
          milli(served.landedUnitCost?.amount),
        ],
        ['for', row.priceUnit, count(served.perQuantity) ?? 1],
        ['currency', row.currency, served.landedUnitCost?.currency],
      ],
    },
    conditions: {
      entity: 'price',
      stream: 'price',
      ledgerRows: (row) =>
        row.deleted || row.kind === 'discount'
          ? []
          : row.scales.length === 0
            ? [{ ...row, quantityFrom: 1 }]
            : row.scales.map((scale) => ({ ...row, ...scale })),
      ledgerKey: (row) => `${row.record}/${row.quantityFrom}`,
      servedKey: (row) => `${recordKey(row)}/${row.fields.minQuantity ?? 1}`,
      fields: (row, served) => [
        ['sku', row.sku, served.sku],
        ['channel', row.channel, served.channel],
        ['currency', row.currency, served.currency],
        ['basis', row.basis, served.basis],
        ['rate', row.rateMinor, minor(served[row.kind === 'base' ? 'list' : 'sale']?.amount)],
        ['from', row.from, instant(served.validFrom)],
        ['to', row.to >= Date.UTC(9999, 0) ? null : row.to + dayMs, instant(served.validTo)],
      ],
    },
    'purchase-orders': {
      entity: 'purchaseOrder',
      stream: 'purchaseOrder',
      ledgerKey: (row) => row.purchaseOrder,
      servedKey: (row) => row.fields.purchaseOrderNo,
      fields: (row, served) => [
        ['supplier', row.supplier, served.supplierId],
        ['currency', row.currency, served.currency],
        ['ordered', day(row.createdAt), dayOf(served.orderedAt)],
      ],
    },
    'purchase-order-lines': {
      entity: 'purchaseOrderLine',
      stream: 'purchaseOrder',
      ledgerKey: (row) => `${row.purchaseOrder}/${row.item}`,
      servedKey: (row) => `${row.fields.purchaseOrderNo}/${row.fields.line}`,
      fields: (row, served) => [
        ['sku', row.sku, served.sku],
        ['location', at(row), served.location],
        ['ordered', row.ordered, count(served.orderedQuantity)],
        ['confirmed', row.confirmed ?? 0, count(served.confirmedQuantity)],
        ['price', row.priceMilli, milli(served.unitPrice?.amount)],
        ['for', row.priceUnit, count(served.perQuantity) ?? 1],
        ['state', row.deleted ? 'cancelled' : row.completed ? 'received' : 'ordered', served.state],
      ],
    },
    'purchase-order-schedules': {
      entity: 'purchaseOrderLine',
      stream: 'purchaseOrder',
      ledgerKey: (row) => `${row.purchaseOrder}/${row.item}/${row.line}`,
      servedRows: (row) =>
        plannedLines(row.fields).map((line, index) => ({
          ...row,
          fields: { ...row.fields, scheduled: line, index: index + 1 },
        })),
      servedKey: ({ fields }) => `${fields.purchaseOrderNo}/${fields.line}/${fields.index}`,
      fields: (row, { scheduled }) => [
        ['ordered', row.ordered, Number(scheduled.quantity)],
        ['confirmed', row.confirmed, Number(scheduled.confirmed)],
        ['expected', day(row.expectedFor), scheduled.date],
      ],
    },
    'purchase-order-promises': {
      ledger: 'purchase-order-schedules',
      ledgerGroups: (row) => `${row.purchaseOrder}/${row.item}`,
      entity: 'purchaseOrderLine',
      stream: 'purchaseOrder',
      ledgerKey: ([row]) => `${row.purchaseOrder}/${row.item}`,
      servedKey: (row) => `${row.fields.purchaseOrderNo}/${row.fields.line}`,
      fields: (rows, served) => [
        ['promised', lastDay(rows.map((row) => day(row.promisedFor))), dayOf(served.requestedAt)],
        ['expected', lastDay(rows.map((row) => day(row.expectedFor))), dayOf(served.promisedAt)],
      ],
    },
    'material-documents': {
      entity: 'stockMovement',
      stream: 'stockMovement',
      ledgerKey: (row) => `${row.document}/${row.item}`,
      servedKey: (row) => `${row.fields.documentId.split('/')[1]}/${row.fields.line}`,
      fields: (row, served) => [
        ['movement', row.movement, served.rawKind],
        ['sku', row.sku, served.sku],
        ['location', at(row), served.location],
        ['storage', row.storage, served.traits?.sap?.storageLocation],
        ['type', stockTypes[row.type], served.traits?.sap?.stockType],
        ['quantity', row.quantity, count(served.quantity)],
        ['purchaseOrder', row.purchaseOrder ?? undefined, served.purchaseOrderNo],
        ['entered', second(row.enteredAt), instant(served.postedAt)],
        ['moved', day(row.movedAt), dayOf(served.movedAt)],
      ],
    },
    'erp-stock': {
      entity: 'stock',
      stream: 'stock',
      ledgerGroups: (row) => `${row.sku}/${at(row)}`,
      ledgerKey: ([row]) => `${row.sku}/${at(row)}`,
      // What fell to zero is no row in SAP; the platform says that there is none of it.
      servedRows: (row) => {
        const { onHand, qualityHold, damaged } = row.fields;
        return [onHand, qualityHold, damaged].every((one) => count(one) === 0) ? [] : [row];
      },
      servedKey: (row) => `${row.fields.sku}/${row.fields.location}`,
      fields: (rows, served) => {
        const sum = (...types) =>
          rows.reduce((all, row) => (types.includes(row.type) ? all + row.quantity : all), 0);
        return [
          ['onHand', sum('unrestricted', 'quality', 'blocked'), count(served.onHand)],
          ['qualityHold', sum('quality'), count(served.qualityHold)],
          ['damaged', sum('blocked'), count(served.damaged)],
        ];
      },
    },
    'erp-orders': {
      entity: 'order',
      stream: 'order',
      ledgerKey: (row) => row.salesOrder,
      servedKey: (row) => recordKey(row),
      fields: (row, served) => [
        ['channel', row.channel, served.channel],
        ['orderNo', row.orderNo, served.orderNo],
        ['currency', row.currency, served.currency],
        ['net', row.netMinor, minor(served.totalNet?.amount)],
        // A rejected order's items count nothing any more.
        ['tax', row.rejected ? 0 : row.taxMinor, minor(served.totalTax?.amount)],
        ['rejected', row.rejected, served.state === 'cancelled'],
        ['delivery', deliveryStates[row.delivery], served.rawDeliveryState],
        [
          'process',
          row.billed || row.rejected ? 'C' : row.delivery === 'none' ? 'A' : 'B',
          served.rawState,
        ],
      ],
    },
    'erp-order-lines': {
      entity: 'orderLine',
      stream: 'order',
      ledgerKey: (row) => `${row.salesOrder}/${row.item}`,
      servedKey: (row) => `${recordKey(row)}/${row.fields.line}`,
      fields: (row, served) => [
        ['channel', row.channel, served.channel],
        ['orderNo', row.orderNo, served.orderNo],
        ['sku', row.sku, served.sku],
        ['quantity', row.quantity, count(served.quantity)],
        ['rejected', row.rejected, served.state === 'cancelled'],
      ],
    },
    'erp-deliveries': {
      entity: 'shipment',
      stream: 'delivery',
      ledgerKey: (row) => row.delivery,
      servedKey: (row) => recordKey(row),
      fields: (row, served) => [
        ['channel', row.channel, served.channel],
        ['orderNo', row.orderNo, served.orderNo],
        ['planned', day(row.plannedFor), served.traits?.sap?.plannedGoodsIssueDate],
        ['issued', second(row.issuedAt), instant(served.shippedAt)],
        ['arrived', day(row.arrivedAt), dayOf(served.deliveredAt)],
        ['created', second(row.createdAt), instant(served.createdAt)],
      ],
    },
    'erp-delivery-lines': {
      entity: 'shipmentLine',
      stream: 'delivery',
      ledgerKey: (row) => `${row.delivery}/${row.item}`,
      servedKey: (row) => `${recordKey(row)}/${row.fields.line}`,
      fields: (row, served) => [
        ['orderNo', row.orderNo, served.orderNo],
        ['sku', row.sku, served.sku],
        ['quantity', row.quantity, count(served.quantity)],
      ],
    },
    'erp-returns': {
      entity: 'returnLine',
      stream: 'return',
      ledgerKey: (row) => row.customerReturn,
      servedKey: (row) => recordKey(row),
      fields: (row, served) => [
        ['channel', row.channel, served.channel],
        ['orderNo', row.orderNo, served.orderNo],
        ['sku', row.sku, served.sku],
        ['quantity', row.quantity, count(served.quantity)],
        ['reason', String(row.reason + 1).padStart(3, '0'), served.rawReason],
        [
          'disposition',
          row.sellable === null ? undefined : row.sellable ? '0001' : '0003',
          served.rawDisposition,
        ],
        ['requested', day(row.requestedAt), dayOf(served.requestedAt)],
      ],
    },
    'erp-return-heads': {
      ledger: 'erp-returns',
      entity: 'return',
      stream: 'return',
      ledgerKey: (row) => row.customerReturn,
      servedKey: (row) => recordKey(row),
      fields: (row, served) => [
        ['orderNo', row.orderNo, served.orderNo],
        ['salesOrder', row.salesOrder, served.traits?.sap?.salesOrder],
        ['inspected', row.sellable !== null, served.state === 'closed'],
      ],
    },
    suppliers: {
      ledger: 'partners',
      entity: 'supplier',
      stream: 'partner',
      ledgerRows: (row) => (row.kind === 'supplier' ? [row] : []),
      ledgerKey: (row) => row.partner,
      servedKey: (row) => recordKey(row),
      fields: (row, served) => [['name', row.name.slice(0, 40), served.name]],
    },
    companies: {
      ledger: 'partners',
      entity: 'account',
      stream: 'partner',
      ledgerRows: (row) => (['company', 'one-time'].includes(row.kind) ? [row] : []),
      ledgerKey: (row) => row.partner,
      servedKey: (row) => recordKey(row),
      fields: (row, served) => [
        ['name', row.kind === 'company' ? row.name.slice(0, 40) : served.name, served.name],
        ['blocked', row.blocked, served.isBlocked],
        ['created', second(row.createdAt), instant(served.createdAt)],
      ],
    },
    persons: {
      ledger: 'partners',
      entity: 'customer',
      stream: 'partner',
      ledgerRows: (row) => (row.kind === 'person' ? [row] : []),
      ledgerKey: (row) => row.partner,
      servedKey: (row) => recordKey(row),
      // Who it is stands sealed and is opened by an approver only.
      fields: (row, served) => [
        ['blocked', row.blocked, served.isActive === false],
        ['created', second(row.createdAt), instant(served.createdAt)],
      ],
    },
    'supply-planning': {
      entity: 'replenishment',
      stream: 'supplyPlanning',
      ledgerKey: (row) => `${row.sku}/${at(row)}`,
      servedKey: (row) => `${row.fields.sku}/${row.fields.location}`,
      fields: (row, served) => [
        ['lead days', row.plannedDeliveryDays, Number(served.leadTimeDays)],
        ['receipt days', row.goodsReceiptDays, Number(served.receiptDays)],
        ['total days', filled(row.totalLeadDays), Number(served.totalLeadTimeDays)],
        ['safety', row.safetyStock, count(served.safetyStock)],
        ['reorder', row.reorderPoint, count(served.reorderPoint)],
        ['lot from', filled(row.minimumLot), count(served.lotMin)],
        ['lot to', filled(row.maximumLot), count(served.lotMax)],
        ['lot step', filled(row.roundingQuantity), count(served.lotStep)],
        ['method', row.mrpType, served.method],
        ['class', row.abc, served.classCode],
      ],
    },
  };
}
