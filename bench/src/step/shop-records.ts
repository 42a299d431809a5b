/**
 * Orders and products as a shop's API answers them, in the words of Shopware. A record is a function
 * of its number and revision alone, so any process can name, make or change any of the millions.
 */
import { mix } from '../shared/seeded.js';

export type RecordKind = 'order' | 'product';

/** Even numbers are orders (personal), odd ones products. */
export function kindOf(number: number): RecordKind {
  return number % 2 === 0 ? 'order' : 'product';
}

const firstMs = Date.UTC(2024, 0, 1);
const spacingMs = 6_000;
const hexDigits = 8;

/** Ids in order of time, as UUIDv7 without its hyphens: 48 bits of time, then chance. */
export function idOf(number: number, salt = 0): string {
  const time = (firstMs + number * spacingMs).toString(16).padStart(12, '0');
  const a = hex(mix(number * 8 + salt));
  const b = hex(mix(number * 8 + salt + 0x5bd1e995));
  return `${time}7${a.slice(0, 3)}9${a.slice(3)}${b}000`.slice(0, 32);
}

export function keyOf(number: number): string {
  return idOf(number);
}

function hex(value: number): string {
  return value.toString(16).padStart(hexDigits, '0');
}

function cents(value: number): string {
  return `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`;
}

const firstNames = ['Anna', 'Bram', 'Chris', 'Daan', 'Eva', 'Floor', 'Guus', 'Hanna'];
const lastNames = ['Jansen', 'de Vries', 'van den Berg', 'Bakker', 'Visser', 'Smit', 'Meijer'];
const streets = ['Kerkstraat', 'Schoolstraat', 'Molenweg', 'Dorpsstraat', 'Stationsweg'];
const cities = ['Amsterdam', 'Rotterdam', 'Utrecht', 'Eindhoven', 'Groningen', 'Zwolle'];
const colours = ['black', 'navy', 'olive', 'sand', 'white', 'burgundy', 'grey'];
const goods = ['chino', 'shirt', 'coat', 'sneaker', 'backpack', 'scarf', 'jeans', 'knit'];
const orderStates = ['open', 'in_progress', 'completed'];
const channels = ['018f2a10c0de7a000000000000000001', '018f2a10c0de7a000000000000000002'];

function pick<T>(list: readonly T[], chance: number): T {
  return list[chance % list.length] as T;
}

function isoAt(number: number, revision: number): string {
  return new Date(firstMs + number * spacingMs + revision * 3_600_000).toISOString();
}

/**
 * Customers come in the order of their first purchase; a third of the orders are by someone new,
 * the others by one of the last few thousand, as it is in a shop.
 */
export function customerOf(number: number): number {
  const order = Math.floor(number / 2);
  const newest = Math.floor(order / 3);
  return order % 3 === 0 ? newest : Math.max(0, newest - (mix(order) % 6_000));
}

export function customerIdOf(customer: number): string {
  return idOf(customer * 2, 7);
}

export const lineCountMax = 3;

export function orderJson(number: number, revision: number): string {
  const chance = mix(number);
  const customer = customerOf(number);
  const person = mix(customer + 17);
  const lineCount = 1 + (chance % lineCountMax);
  const lines: string[] = [];
  let total = 0;
  for (let line = 0; line < lineCount; line += 1) {
    const item = mix(number + line * 7919);
    const quantity = 1 + (item % 2);
    const unit = 995 + (item % 12_000);
    const sum = unit * quantity;
    const tax = Math.round(sum - sum / 1.21);
    total += sum;
    const product = (item % 60_000) * 2 + 1;
    lines.push(
      `{"id":"${idOf(number, line + 1)}","type":"product","label":"${pick(goods, item)} ${pick(colours, item >>> 3)}","quantity":${quantity},"unitPrice":${cents(unit)},"totalPrice":${cents(sum)},"price":{"calculatedTaxes":[{"tax":${cents(tax)},"taxRate":21,"price":${cents(sum)}}]},"payload":{"productNumber":"${productNumber(product)}"}}`,
    );
  }
  const net = Math.round(total / 1.21);
  const email = `${pick(firstNames, person)}.${customer}@example.org`.toLowerCase();
  const name = `"firstName":"${pick(firstNames, person)}","lastName":"${pick(lastNames, person >>> 4)}"`;
  return `{"id":"${keyOf(number)}","orderNumber":"${numberTextOf(number)}","salesChannelId":"${pick(channels, chance >>> 5)}","currencyId":"b7d2554b0ce847cd82f3ac9bd1c0dfca","orderDateTime":"${isoAt(number, 0)}","createdAt":"${isoAt(number, 0)}","updatedAt":"${isoAt(number, revision)}","amountTotal":${cents(total)},"amountNet":${cents(net)},"taxStatus":"gross","stateMachineState":{"technicalName":"${pick(orderStates, revision)}"},"orderCustomer":{"customerId":"${customerIdOf(customer)}","email":"${email}",${name},"customerNumber":"${100_000 + customer}"},"billingAddress":{${name},"street":"${pick(streets, person >>> 7)} ${1 + (person % 220)}","zipcode":"${1000 + (person % 9000)}AB","city":"${pick(cities, person >>> 9)}","phoneNumber":"+3161${String(person % 10_000_000).padStart(7, '0')}"},"lineItems":[${lines.join(',')}]}`;
}

export function productJson(number: number, revision: number): string {
  const chance = mix(number);
  const gross = 995 + ((chance + revision * 131) % 12_000);
  const net = Math.round(gross / 1.21);
  const stock = (chance + revision * 7) % 240;
  const good = pick(goods, chance);
  const colour = pick(colours, chance >>> 4);
  return `{"id":"${keyOf(number)}","productNumber":"${productNumber(number)}","parentId":"${idOf(number - (number % 16) + 1, 6)}","active":true,"ean":"${ean(number)}","manufacturerNumber":"M-${chance % 100_000}","name":"${good} ${colour}, slim fit, organic cotton","weight":0.${String(chance % 1000).padStart(3, '0')},"width":320,"height":40,"length":410,"stock":${stock},"availableStock":${Math.max(0, stock - 3)},"isCloseout":false,"createdAt":"${isoAt(number, 0)}","updatedAt":"${isoAt(number, revision)}","price":[{"currencyId":"b7d2554b0ce847cd82f3ac9bd1c0dfca","net":${cents(net)},"gross":${cents(gross)},"linked":true}],"options":[{"group":{"name":"Colour"},"name":"${colour}"},{"group":{"name":"Size"},"name":"${36 + (chance % 12)}"}],"customFields":{"season":"SS26","material":"95 % cotton, 5 % elastane","care":"Wash at 30 degrees with like colours, do not tumble dry"},"deliveryTime":{"min":1,"max":3,"unit":"day"},"minPurchase":1,"purchaseSteps":1,"shippingFree":false}`;
}

export function recordJson(number: number, revision: number): string {
  return kindOf(number) === 'order' ? orderJson(number, revision) : productJson(number, revision);
}

/** The number people know an order or a product by, without what stands before it. */
export function numberTextOf(number: number): string {
  return String(10_000_000 + Math.floor(number / 2));
}

function productNumber(number: number): string {
  return `SKU-${numberTextOf(number)}`;
}

function ean(number: number): string {
  const digits = `20${String(number).padStart(10, '0')}`;
  let sum = 0;
  for (let at = 0; at < 12; at += 1) sum += Number(digits[at]) * (at % 2 === 0 ? 1 : 3);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
