/** The pages that problems name as their `type`: what a code means and what to do, for people. */
import { errorRows } from './error-rows.js';
import { HttpProblem } from './problem.js';
import type { RawRoute, Routes } from './route.js';

const readErrorPage: RawRoute = {
  name: 'readErrorPage',
  method: 'GET',
  path: '/errors/{code}',
  tag: 'documents',
  summary: 'What an error code means and what to do.',
  role: null,
  gives: { media: 'text/html', text: 'A page for people.' },
};

export function registerErrorPages(routes: Routes): void {
  routes.raw(readErrorPage, {}, (request, reply) => {
    const page = errorPage((request.params as { readonly code: string }).code);
    if (page === null) throw new HttpProblem(404, 'E_NO_ROUTE', 'There is no error of this code.');
    return reply.type('text/html; charset=utf-8').send(page);
  });
}

/** Null for a code there is not. */
export function errorPage(code: string): string | null {
  const row = errorRows.find((text) => text.startsWith(`${code} | `));
  if (row === undefined) return null;
  const [, kind = '', when = '', todo = ''] = row.split(' | ').map(htmlOf);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${code}</title>
<h1>${code}</h1>
<p>${when}
<p>What to do: ${todo}
<p>Kind: ${kind}
</html>
`;
}

/** Of the Markdown, the table of codes uses nothing but code spans. */
function htmlOf(cell: string): string {
  return cell
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/`([^`]*)`/g, '<code>$1</code>');
}
