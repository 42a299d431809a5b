import { expect, it } from 'vitest';
import { errorPage } from './error-pages.js';
import { errorRows } from './error-rows.js';
import { HttpProblem, problemOf } from './problem.js';

it('gives every code a page that says when it comes and what to do', () => {
  expect(errorRows.length).toBeGreaterThan(100);
  for (const row of errorRows) {
    const cells = row.split(' | ');
    expect(cells, row).toHaveLength(4);
    const page = errorPage(cells[0] ?? '') ?? '';
    expect(page).toContain(`<h1>${cells[0]}</h1>`);
    expect(page).not.toContain('`');
  }
});

it('shows names as code and nothing as markup', () => {
  const page = errorPage('E_STORE_IN_USE') ?? '';
  expect(page).toContain('another process has the data folder open');
  expect(page).toContain('choose another <code>--data</code>');
  expect(errorPage('E_NO_RECORDS')).not.toBeNull();
});

it.each(['E_NOTHING', 'E_NO', '', '<script>', 'config'])('has no page for %j', (code) => {
  expect(errorPage(code)).toBeNull();
});

it('is what a problem names as its type', () => {
  const { type, code } = problemOf(new HttpProblem(401, 'E_TOKEN', 'This needs a token.'));
  expect(type).toBe(`/errors/${code}`);
  expect(errorPage(type.slice('/errors/'.length))).not.toBeNull();
});
