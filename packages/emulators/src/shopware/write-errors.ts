import { errorEntry, type ShopwareErrorEntry } from './errors.js';

/** Constraint violations, with the codes Symfony's validator gives them. */

export const notBlank = (pointer: string): ShopwareErrorEntry =>
  errorEntry(
    400,
    'c1051bb4-d103-4f74-8988-acbcafc7fdc3',
    'This value should not be blank.',
    pointer,
  );

export const wrongType = (pointer: string, type: string): ShopwareErrorEntry =>
  errorEntry(
    400,
    'ba785a8c-82cb-4283-967c-3cf342181b40',
    `This value should be of type ${type}.`,
    pointer,
  );

export const duplicateNumber = (number: string): ShopwareErrorEntry =>
  errorEntry(
    400,
    'CONTENT__DUPLICATE_PRODUCT_NUMBER',
    `Product with number "${number}" already exists.`,
  );

/** Fields the shop computes itself. */
export const writeProtected = (pointer: string): ShopwareErrorEntry =>
  errorEntry(
    400,
    'FRAMEWORK__WRITE_CONSTRAINT_VIOLATION',
    'This field is write-protected.',
    pointer,
  );

export const noSuchReference = (pointer: string): ShopwareErrorEntry =>
  errorEntry(
    400,
    'FRAMEWORK__FOREIGN_KEY_CONSTRAINT',
    'Cannot add or update: the referenced record does not exist.',
    pointer,
  );

export const notWritable = (entity: string): ShopwareErrorEntry =>
  errorEntry(
    400,
    'FRAMEWORK__ENTITY_NOT_WRITABLE',
    `This emulator takes no writes to "${entity}".`,
  );
