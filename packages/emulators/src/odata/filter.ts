import {
  type Condition,
  findSet,
  type Operator,
  type PropertyPath,
  propertyOf,
} from './condition.js';
import { badRequest, ODataError } from './errors.js';
import { literalOf } from './literals.js';
import type { EntitySet, Service } from './model.js';
import { type Token, tokenize } from './tokens.js';
import { classOf } from './values.js';

/**
 * Parses `$filter`:
 *
 *   or      := and ( 'or' and )*
 *   and     := unary ( 'and' unary )*
 *   unary   := 'not' unary | '(' or ')' | call | comparison
 *   call    := name '(' operand ',' operand ')' ( ( 'eq' | 'ne' ) boolean )?
 *   compare := operand operator operand
 *
 * Chains of `or` and `and` are flat, so only parentheses and `not` take stack; their number at
 * one time, the comparisons and the length are limited, as a database would limit them.
 */

export interface FilterLimits {
  readonly lengthMax: number;
  readonly depthMax: number;
  readonly comparisonsMax: number;
}

export const FILTER_LIMITS: FilterLimits = {
  lengthMax: 64 * 1024,
  depthMax: 50,
  comparisonsMax: 1_000,
};

const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const MIRRORED: Readonly<Record<Operator, Operator>> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  ge: 'le',
  lt: 'gt',
  le: 'ge',
};
const PATH = /^[A-Za-z_]\w*(?:\/[A-Za-z_]\w*)*$/;

interface Cursor {
  readonly service: Service;
  readonly set: EntitySet;
  readonly tokens: readonly Token[];
  readonly limits: FilterLimits;
  at: number;
  depth: number;
  comparisons: number;
}

export const parseFilter = (
  service: Service,
  set: EntitySet,
  text: string,
  limits: FilterLimits = FILTER_LIMITS,
): Condition => {
  if (text.length > limits.lengthMax) throw tooComplex();
  const cursor: Cursor = {
    service,
    set,
    tokens: tokenize(text),
    limits,
    at: 0,
    depth: 0,
    comparisons: 0,
  };
  const condition = parseGroup(cursor, 'or');
  if (peek(cursor).kind !== 'end') throw invalidToken(peek(cursor));
  return condition;
};

const tooComplex = (): ODataError =>
  new ODataError(400, '/IWBEP/CM_MGW_RT/161', 'The filter expression is too complex');

const invalidToken = (token: Token): ODataError =>
  badRequest(`Invalid token detected at position ${token.at}`);

const invalidType = (operator: string, token: Token): ODataError =>
  badRequest(`Invalid parametertype used at function '${operator}' (Position: ${token.at})`);

const peek = (cursor: Cursor): Token => cursor.tokens[cursor.at] ?? { kind: 'end', at: 0 };

const next = (cursor: Cursor): Token => {
  const token = peek(cursor);
  cursor.at++;
  return token;
};

const isWord = (token: Token, word: string): boolean =>
  token.kind === 'bare' && token.text === word;

const expect = (cursor: Cursor, kind: Token['kind']): void => {
  const token = next(cursor);
  if (token.kind !== kind) throw invalidToken(token);
};

const parseGroup = (cursor: Cursor, joint: 'or' | 'and'): Condition => {
  const parsePart = (): Condition =>
    joint === 'or' ? parseGroup(cursor, 'and') : parseUnary(cursor);
  const first = parsePart();
  if (!isWord(peek(cursor), joint)) return first;
  const parts = [first];
  while (isWord(peek(cursor), joint)) {
    cursor.at++;
    parts.push(parsePart());
  }
  return { kind: joint === 'or' ? 'any' : 'all', of: parts };
};

const parseUnary = (cursor: Cursor): Condition => {
  const token = peek(cursor);
  if (token.kind === 'open') {
    enter(cursor);
    const inner = parseGroup(cursor, 'or');
    expect(cursor, 'close');
    cursor.depth--;
    return inner;
  }
  if (isWord(token, 'not')) {
    enter(cursor);
    const inner = parseUnary(cursor);
    cursor.depth--;
    return { kind: 'not', of: inner };
  }
  cursor.comparisons++;
  if (cursor.comparisons > cursor.limits.comparisonsMax) throw tooComplex();
  const isCall = token.kind === 'bare' && cursor.tokens[cursor.at + 1]?.kind === 'open';
  return isCall ? parseCall(cursor, token.text) : parseComparison(cursor);
};

const enter = (cursor: Cursor): void => {
  cursor.at++;
  cursor.depth++;
  if (cursor.depth > cursor.limits.depthMax) throw tooComplex();
};

const parseCall = (cursor: Cursor, name: string): Condition => {
  const call = next(cursor);
  const { version } = cursor.service;
  const containsName = version === 2 ? 'substringof' : 'contains';
  if (name !== 'startswith' && name !== 'endswith' && name !== containsName) {
    throw new ODataError(501, '/IWBEP/CM_MGW_RT/139', `Function '${name}' is not supported`);
  }
  expect(cursor, 'open');
  const first = next(cursor);
  expect(cursor, 'comma');
  const second = next(cursor);
  expect(cursor, 'close');
  // V2's substringof has what is looked for first, all others have it second.
  const [subject, sought] = name === 'substringof' ? [second, first] : [first, second];
  const path = resolvePath(cursor, subject);
  const text = literalOf(sought, 'Edm.String', version);
  if (path === undefined || classOf(path.property.type) !== 'text' || typeof text !== 'string') {
    throw invalidType(name, call);
  }
  const match = name === containsName ? 'contains' : name === 'startswith' ? name : 'endswith';
  return parseTruth(cursor, { kind: 'text', match, path, text });
};

/** `substringof('a',B) eq true` says no more than `substringof('a',B)`. */
const parseTruth = (cursor: Cursor, condition: Condition): Condition => {
  const operator = peek(cursor);
  if (!isWord(operator, 'eq') && !isWord(operator, 'ne')) return condition;
  cursor.at++;
  const value = next(cursor);
  if (!isWord(value, 'true') && !isWord(value, 'false')) throw invalidToken(value);
  const isWanted = isWord(operator, 'eq') === isWord(value, 'true');
  return isWanted ? condition : { kind: 'not', of: condition };
};

const parseComparison = (cursor: Cursor): Condition => {
  const left = next(cursor);
  const leftPath = resolvePath(cursor, left);
  const operatorToken = peek(cursor);
  if (operatorToken.kind !== 'bare' || !OPERATORS.has(operatorToken.text)) {
    return bareTruth(leftPath, left, operatorToken);
  }
  cursor.at++;
  const operator = operatorToken.text as Operator;
  const right = next(cursor);
  const rightPath = resolvePath(cursor, right);
  if (leftPath !== undefined && rightPath !== undefined) {
    if (classOf(leftPath.property.type) !== classOf(rightPath.property.type))
      throw invalidType(operator, left);
    return { kind: 'compare-properties', left: leftPath, right: rightPath, operator };
  }
  if (leftPath !== undefined) return compareWith(cursor, leftPath, operator, right, left);
  if (rightPath === undefined) throw invalidToken(left);
  return compareWith(cursor, rightPath, MIRRORED[operator], left, left);
};

/** A boolean property alone is a condition. */
const bareTruth = (path: PropertyPath | undefined, token: Token, behind: Token): Condition => {
  if (path === undefined) throw invalidToken(token);
  if (path.property.type !== 'Edm.Boolean') throw invalidToken(behind);
  return { kind: 'compare', path, operator: 'eq', value: true };
};

const compareWith = (
  cursor: Cursor,
  path: PropertyPath,
  operator: Operator,
  literal: Token,
  at: Token,
): Condition => {
  const value = literalOf(literal, path.property.type, cursor.service.version);
  if (value === undefined) {
    if (literal.kind !== 'bare' && literal.kind !== 'quoted') throw invalidToken(literal);
    throw invalidType(operator, at);
  }
  return { kind: 'compare', path, operator, value };
};

/** Undefined when the token is a literal; an error when it names what is not there. */
const resolvePath = (cursor: Cursor, token: Token): PropertyPath | undefined => {
  if (token.kind !== 'bare' || !PATH.test(token.text)) return undefined;
  const names = token.text.split('/');
  const last = names.pop() ?? '';
  let set = cursor.set;
  for (const name of names) {
    const navigation = set.navigations?.find((entry) => entry.name === name);
    const target =
      navigation === undefined ? undefined : findSet(cursor.service, navigation.target);
    if (navigation === undefined || target === undefined) throw unknownProperty(token.text, token);
    if (navigation.multiplicity === '*') {
      throw badRequest(
        `Left hand expression of memberaccess operator has wrong cardinality (to many not allowed) (Position: ${token.at})`,
      );
    }
    set = target;
  }
  const property = propertyOf(set, last);
  if (property === undefined) {
    if (names.length === 0 && isKeyword(token.text)) return undefined;
    throw unknownProperty(last, token);
  }
  if (property.isFilterable === false) {
    throw new ODataError(
      400,
      '/IWBEP/CM_MGW_RT/176',
      `Property '${property.name}' is not filterable`,
    );
  }
  return { through: names, property };
};

const isKeyword = (text: string): boolean =>
  text === 'null' || text === 'true' || text === 'false' || OPERATORS.has(text);

const unknownProperty = (name: string, token: Token): ODataError =>
  badRequest(`Property ${name} not found at position ${token.at}`);
