import type { Random } from '../retailer/random.js';
import {
  type EntityRole,
  entityTypeOf,
  type FieldRole,
  fieldOf,
  linkTypeOf,
} from './company-model.js';
import { ownValue } from './content.js';
import { createPimProduct } from './new-product.js';
import {
  completenessOf,
  type FieldValue,
  type PimEntity,
  type PimStore,
  rulesOf,
} from './store.js';

/** What people do in the PIM: by command, or by themselves while live traffic is on. */

export interface PimCommand {
  readonly kind: string;
  readonly [field: string]: unknown;
}

export interface PimResult {
  readonly kind: string;
  readonly entity: string;
  readonly id: string;
  /** Product number or sku. */
  readonly key: string;
  readonly at: number;
}

type Edit = (command: PimCommand, atMs: number) => PimEntity;

export interface PimEdits {
  /** Undefined when the command is none of the PIM's. */
  readonly run: (command: PimCommand, atMs: number) => PimResult | undefined;
  readonly random: (atMs: number) => void;
}

export const createPimEdits = (store: PimStore, random: Random): PimEdits => {
  const { model } = store;
  const all = (role: EntityRole): PimEntity[] =>
    [...store.entities.values()].filter(({ type }) => type.role === role);
  const numberOf = (entity: PimEntity): string =>
    String(entity.values.get(fieldOf(entity.type, 'number')?.id ?? '') ?? entity.id);

  const find = (command: PimCommand, role: EntityRole): PimEntity => {
    const key = command['key'] ?? command['productNo'] ?? command['sku'];
    const { entityId } = command;
    const found =
      entityId === undefined
        ? key === undefined
          ? undefined
          : all(role).find((entity) => numberOf(entity) === key)
        : store.entities.get(Number(entityId));
    if (found !== undefined) return found;
    if (key !== undefined || entityId !== undefined) {
      throw new RangeError(`the PIM has no ${role} ${String(key ?? entityId)}`);
    }
    const entities = all(role);
    if (entities.length === 0) throw new RangeError(`the PIM has no ${role}`);
    return random.pick(entities);
  };
  const set = (entity: PimEntity, role: FieldRole, value: FieldValue, atMs: number): void => {
    const field = fieldOf(entity.type, role);
    if (field === undefined) throw new RangeError(`${entity.type.id} has no field for ${role}`);
    store.edit(entity, { [field.id]: value }, atMs, 'editor-1');
  };
  const rename = (entity: PimEntity, command: PimCommand, atMs: number): PimEntity => {
    const field = fieldOf(entity.type, 'name');
    const languages = model.languages.filter(({ of }) => of !== null);
    const wanted = command['language'];
    const language = languages.find(({ of, name }) => of === wanted || name === wanted);
    const texts = (entity.values.get(field?.id ?? '') ?? {}) as Record<string, string>;
    const name = (language ?? languages[0])?.name ?? '';
    const text = command['name'] ?? `PIM name ${random.between(1, 999_999)}`;
    set(entity, 'name', { ...texts, [name]: String(text) }, atMs);
    return entity;
  };
  const moveNode = (command: PimCommand): PimEntity => {
    const product = find(command, 'product');
    const linkType = linkTypeOf(model, 'node-product');
    const from = store.inbound(product.id, linkType.id)[0];
    const leaves = all('node').filter(
      ({ id }) => store.outbound(id, linkTypeOf(model, 'node-node').id).length === 0,
    );
    const { nodeId } = command;
    const choice = leaves.filter(({ id }) => id !== from?.source);
    const to = nodeId === undefined ? random.pick(choice) : store.entities.get(Number(nodeId));
    if (to === undefined) throw new RangeError(`the PIM has no node ${String(nodeId)}`);
    if (from !== undefined) store.unlink(from);
    store.link(linkType, to.id, product.id);
    return product;
  };
  const addPicture = (command: PimCommand, atMs: number): PimEntity => {
    const product = find(command, 'product');
    const type = entityTypeOf(model, 'resource');
    const count = store.outbound(product.id, linkTypeOf(model, 'product-resource').id).length;
    const values: Record<string, FieldValue> = {};
    const [file, fileName] = [fieldOf(type, 'file'), fieldOf(type, 'fileName')];
    if (file !== undefined) values[file.id] = 900_000 + random.below(99_000);
    if (fileName !== undefined) {
      values[fileName.id] =
        `${numberOf(product).toLowerCase()}-new-${count}-${random.below(1e6)}.jpg`;
    }
    const picture = store.create(type, values, null, atMs, 'editor-2');
    store.link(linkTypeOf(model, 'product-resource'), product.id, picture.id);
    return product;
  };
  const removePicture = (command: PimCommand): PimEntity => {
    const type = linkTypeOf(model, 'product-resource').id;
    const named = command['key'] !== undefined || command['entityId'] !== undefined;
    const product = named
      ? find(command, 'product')
      : all('product').find(({ id }) => store.outbound(id, type).length > 1);
    const link = product === undefined ? undefined : store.outbound(product.id, type).at(-1);
    if (product === undefined || link === undefined)
      throw new RangeError('no picture to take away');
    store.unlink(link);
    return product;
  };
  /** Completeness follows from what is filled in, so that is what moves it. */
  const complete = (command: PimCommand, atMs: number): PimEntity => {
    const product = find(command, 'product');
    const isDown = command['direction'] === 'down';
    const before = completenessOf(store, product);
    const rule = rulesOf(store, product).find(
      ({ group, isCompleted, name }) =>
        group === 'Data' && isCompleted === isDown && name !== fieldOf(product.type, 'number')?.id,
    );
    const field = product.type.fields.find(({ id }) => id === rule?.name);
    const cvl = model.cvls.find(({ id }) => id === field?.cvlId);
    if (field === undefined) {
      throw new RangeError(`completeness of ${numberOf(product)} stays at ${before}`);
    }
    const filled = cvl === undefined ? 'filled in' : (cvl.values[0]?.key ?? null);
    const value = field.isMulti === true && filled !== null ? [filled] : filled;
    store.edit(product, { [field.id]: isDown ? null : value }, atMs, 'editor-2');
    return product;
  };
  const remove = (command: PimCommand): PimEntity => {
    const role = command['sku'] === undefined && command['role'] !== 'item' ? 'product' : 'item';
    const entity = find(command, role);
    const items = store.outbound(entity.id, linkTypeOf(model, 'product-item').id);
    for (const { target } of items) {
      const item = store.entities.get(target);
      if (item !== undefined) store.remove(item);
    }
    store.remove(entity);
    return entity;
  };
  const setAttribute = (command: PimCommand, atMs: number): PimEntity => {
    const isItem = command['sku'] !== undefined || command['role'] === 'item';
    const entity = find(command, isItem ? 'item' : 'product');
    const { field, value } = command;
    if (field === undefined) set(entity, 'own', ownValue(model, random), atMs);
    else store.edit(entity, { [String(field)]: (value ?? null) as FieldValue }, atMs, 'editor-1');
    return entity;
  };

  const create = (command: PimCommand, atMs: number): PimEntity => {
    const number = String(command['productNo'] ?? `P${random.between(1_000_000, 9_999_999)}`);
    if (all('product').some((entity) => numberOf(entity) === number)) {
      throw new RangeError(`the PIM has a product ${number}`);
    }
    const count = Number(command['items'] ?? 2);
    const first = random.below(3);
    const product = {
      ...{ number, name: String(command['name'] ?? `PIM product ${number}`) },
      ...{ brand: random.below(2), colour: random.below(4) },
      sizes: Array.from({ length: count }, (_, index) => first + index),
    };
    return createPimProduct(store, product, atMs);
  };

  const commands: Readonly<Record<string, Edit>> = {
    'pim-create-product': create,
    'pim-rename': (command, atMs) => rename(find(command, 'product'), command, atMs),
    'pim-rename-category': (command, atMs) => rename(find(command, 'node'), command, atMs),
    'pim-set-attribute': setAttribute,
    'pim-set-completeness': complete,
    'pim-move-category': moveNode,
    'pim-add-picture': addPicture,
    'pim-remove-picture': removePicture,
    'pim-delete': remove,
  };

  return {
    run: (command, atMs) => {
      const edit = commands[command.kind];
      if (edit === undefined) return undefined;
      const entity = edit(command, atMs);
      return {
        kind: command.kind,
        entity: entity.type.id,
        id: String(entity.id),
        key: numberOf(entity),
        at: atMs,
      };
    },
    random: (atMs) => {
      const draw = random.next();
      const kind =
        draw < 0.35
          ? 'pim-set-attribute'
          : draw < 0.6
            ? 'pim-rename'
            : draw < 0.75
              ? 'pim-move-category'
              : draw < 0.9
                ? 'pim-add-picture'
                : draw < 0.96
                  ? 'pim-rename-category'
                  : draw < 0.985
                    ? 'pim-remove-picture'
                    : 'pim-delete';
      try {
        commands[kind]?.({ kind }, atMs);
      } catch (error) {
        // What cannot be done with what there is, is not done.
        if (!(error instanceof RangeError)) throw error;
      }
    },
  };
};
