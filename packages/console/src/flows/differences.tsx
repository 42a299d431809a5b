/** Groups that differ from the target and were not written, and one of them field by field. */
import type { FlowDifferences, FlowStatus } from '../client/schema.js';
import { countText, timeText } from '../format.js';
import { Link, tracePath, usePlace, withQuery } from '../router.js';
import { useApi } from '../use-api.js';
import { FieldTable, Pages, Reading } from './flow-tables.js';

const everyMs = 2000;

export function Differences({ flow }: { readonly flow: FlowStatus }) {
  const { query } = usePlace();
  const before = query.get('before');
  const { data, error } = useApi(
    'listDifferences',
    { params: { flow: flow.flow }, query: before === null ? {} : { before } },
    before === null ? everyMs : null,
  );
  if (data === null) return <Reading error={error?.message} />;
  if (data.differences.length === 0) {
    return (
      <p className="note">
        {flow.waiting > 0
          ? `${countText(flow.waiting)} groups are still to be looked at; nothing of those looked at differs.`
          : `${flow.target} shows what the other systems say, as far as this flow looked.`}
      </p>
    );
  }
  const chosen = query.get('group') ?? data.differences[0]?.group;
  const difference = data.differences.find(({ group }) => group === chosen);
  return (
    <div className="split">
      <div>
        <table className="data">
          <thead>
            <tr>
              <th scope="col">Group</th>
              <th scope="col" className="number">
                Fields
              </th>
              <th scope="col">Seen</th>
            </tr>
          </thead>
          <tbody>
            {data.differences.map((one) => (
              <tr key={one.group} className={one.group === chosen ? 'selected' : undefined}>
                <td>
                  <Link to={withQuery({ group: one.group })}>{one.group}</Link>
                  {one.why !== null && <span className="badge">{one.why}</span>}
                </td>
                <td className="number">{one.fields.length}</td>
                <td className="time">{timeText(Date.parse(one.at))}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <Pages next={data.next} />
      </div>
      {difference === undefined ? (
        <p className="note">This group no longer differs, or is on another page.</p>
      ) : (
        <OneDifference flow={flow} difference={difference} />
      )}
    </div>
  );
}

function OneDifference({
  flow,
  difference,
}: {
  readonly flow: FlowStatus;
  readonly difference: FlowDifferences['differences'][number];
}) {
  return (
    <section className="panel" aria-label="Difference">
      <div className="title">
        <h2>{difference.group}</h2>
        <Link to={tracePath(difference.group)}>Trace it</Link>
        <span className="aside">
          entry {countText(difference.journal)}
          {difference.key === null ? `, not in ${flow.target} yet` : ''}
        </span>
      </div>
      {difference.text !== null && <p className="why-line">{difference.text}</p>}
      <FieldTable
        fields={difference.fields}
        before={`${flow.target} now`}
        after={flow.write === 'live' ? 'To be written' : 'Would write'}
      />
    </section>
  );
}
