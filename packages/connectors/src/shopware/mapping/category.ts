import type { JsonObject, MappedRecord } from '@headrace/sdk';
import { boolean, object, text, texts } from '../json.js';
import { referenceOf, type ShopwareMapContext } from './reference.js';

export function mapCategory(
  record: JsonObject,
  context: ShopwareMapContext,
): readonly MappedRecord[] {
  const id = text(record.id);
  if (id === null) return [];
  const translated = object(record.translated);
  const name = text(translated?.name);
  const path = texts(translated?.breadcrumb);
  const fields = {
    categoryId: id,
    parentId: text(record.parentId),
    name: name === null ? undefined : { [referenceOf(context).systemLanguage]: name },
    path: path.length > 0 ? path : texts(record.breadcrumb),
    isActive: boolean(record.active) === true && boolean(record.visible) !== false,
  };
  return [{ entity: 'category', type: 'category', externalId: id, fields }];
}
