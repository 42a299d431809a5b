/** What was written or tried, what it answered, and how to take it back. */
import type { FlowDeliveries, FlowStatus } from '../client/schema.js';
import { durationText, timeText } from '../format.js';
import { Link, tracePath, usePlace } from '../router.js';
import { useApi } from '../use-api.js';
import { ActButton } from './act-button.js';
import { FieldTable, Pages, Reading } from './flow-tables.js';

const everyMs = 2000;

export function Deliveries({ flow, done }: { readonly flow: FlowStatus; done(): void }) {
  const { query } = usePlace();
  const before = query.get('before');
  const { data, error, reload } = useApi(
    'listDeliveries',
    { params: { flow: flow.flow }, query: before === null ? {} : { before } },
    before === null ? everyMs : null,
  );
  if (data === null) return <Reading error={error?.message} />;
  if (data.deliveries.length === 0) {
    return (
      <p className="note">
        {flow.write === 'shadow'
          ? 'Nothing: it is in shadow, and shows what it would write under Differences.'
          : 'Nothing was written yet.'}
      </p>
    );
  }
  return (
    <>
      <table className="data">
        <thead>
          <tr>
            <th scope="col">At</th>
            <th scope="col">Group</th>
            <th scope="col">Result</th>
            <th scope="col">Fields</th>
            <th scope="col">Because of</th>
            <th scope="col" className="number">
              Lag
            </th>
            <th scope="col">Undo</th>
          </tr>
        </thead>
        <tbody>
          {data.deliveries.map((one) => (
            <DeliveryRow
              key={`${one.journal} ${one.group}`}
              flow={flow}
              delivery={one}
              done={() => {
                done();
                reload();
              }}
            />
          ))}
        </tbody>
      </table>
      <Pages next={data.next} />
    </>
  );
}

function DeliveryRow({
  flow,
  delivery,
  done,
}: {
  readonly flow: FlowStatus;
  readonly delivery: FlowDeliveries['deliveries'][number];
  done(): void;
}) {
  const { cause, changes } = delivery;
  return (
    <tr>
      <td className="time">{timeText(Date.parse(delivery.at), 'ms')}</td>
      <td>
        <Link to={tracePath(delivery.group)}>{delivery.group}</Link>
      </td>
      <td>
        {delivery.result}
        {delivery.isNew && <span className="badge">new</span>}
        {delivery.isUndo && <span className="badge">undo</span>}
        {delivery.isFound && <span className="badge">found after a lost answer</span>}
        {delivery.message !== null && (
          <p className="problem">
            {delivery.code}: {delivery.message}
          </p>
        )}
      </td>
      <td>
        <details>
          <summary>
            {changes.length} {changes.length === 1 ? 'field' : 'fields'}
          </summary>
          <FieldTable fields={changes} before="Before" after="Written" />
        </details>
      </td>
      <td>
        {cause !== null && (
          <Link
            to={`${tracePath(`${cause.source}/${cause.stream}/${cause.key}`)}?entry=${cause.journal}`}
          >
            {cause.source}/{cause.stream} {cause.key}
          </Link>
        )}
      </td>
      <td className="number">{delivery.lagMs === null ? '' : durationText(delivery.lagMs)}</td>
      <td>
        {delivery.undoProblem === null ? (
          <ActButton
            act="undoFlow"
            flow={flow.flow}
            needs="approver"
            label="Undo"
            what={`Writes to ${flow.target} again what was there before this delivery.`}
            body={{ delivery: delivery.journal, groups: [delivery.group] }}
            done={done}
          />
        ) : (
          <span className="dim">{delivery.undoProblem}</span>
        )}
      </td>
    </tr>
  );
}
