/** What the tabs of a flow share: fields before and after, pages, and waiting for an answer. */
import type { FlowChange } from '../client/schema.js';
import { valueText } from '../format.js';
import { go, usePlace, withQuery } from '../router.js';

export function FieldTable({
  fields,
  before,
  after,
}: {
  readonly fields: readonly FlowChange[];
  readonly before: string;
  readonly after: string;
}) {
  return (
    <table className="data changes">
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">{before}</th>
          <th scope="col">{after}</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((one) => (
          <tr key={one.field}>
            <th scope="row">
              <code>{one.field}</code>
              {one.isForeign === true && <span className="badge">owned elsewhere</span>}
              {one.isContested === true && <span className="badge">contested</span>}
            </th>
            <td>
              <del>{valueText(one.before)}</del>
            </td>
            <td>
              {one.isForeign === true || one.isContested === true ? (
                <span className="dim">not this: {valueText(one.after)}</span>
              ) : (
                <ins>{valueText(one.after)}</ins>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Reading({ error }: { readonly error: string | undefined }) {
  return <p className="loading">{error ?? 'Reading…'}</p>;
}

export function Pages({ next }: { readonly next: string | null }) {
  const { query } = usePlace();
  return (
    <p className="note">
      {query.has('before') && (
        <button type="button" onClick={() => go(withQuery({ before: null, group: null }))}>
          Newest
        </button>
      )}{' '}
      {next !== null && (
        <button type="button" onClick={() => go(withQuery({ before: next, group: null }))}>
          Older
        </button>
      )}
    </p>
  );
}
