/** Every flow: what it writes where, how late, and what waits for a person. */
import { useEffect } from 'react';
import type { FlowStatus } from '../client/schema.js';
import { countText, durationText } from '../format.js';
import { Link } from '../router.js';
import { useApi } from '../use-api.js';
import { FlowState, LastHour, WriteMode } from './flow-parts.js';

const everyMs = 2000;

export function FlowsPage() {
  const { data, error } = useApi('listFlows', {}, everyMs);
  useEffect(() => {
    document.title = 'Flows · Headrace';
  }, []);
  if (data === null) {
    return <p className="loading">{error === null ? 'Reading…' : error.message}</p>;
  }
  if (data.flows.length === 0) {
    return (
      <section className="empty">
        <h1>No flow yet</h1>
        <p>
          A flow brings one system level with what the others say. Name one under <code>flows</code>{' '}
          in <code>headrace.config.ts</code>, as in <code>flow('stock', 'shop')</code>, and start
          again: it shows what it would write, and writes nothing until you say{' '}
          <code>write: 'live'</code>.
        </p>
        <p>
          Meanwhile, see what the systems say: <Link to="/streams">Streams</Link>, or press{' '}
          <kbd>/</kbd> to trace an id.
        </p>
      </section>
    );
  }
  return (
    <section>
      <div className="title">
        <h1>Flows</h1>
        <span className="aside">{summaryOf(data.flows)}</span>
      </div>
      <div className="scroll">
        <table className="data">
          <thead>
            <tr>
              <th scope="col">Flow</th>
              <th scope="col">To</th>
              <th scope="col">Mode</th>
              <th scope="col">State</th>
              <th scope="col" className="number" title="From a change known to its being written">
                Lag p50
              </th>
              <th scope="col" className="number">
                p99
              </th>
              <th scope="col">Last hour</th>
              <th scope="col" className="number" title="Groups to look at">
                Waiting
              </th>
              <th scope="col" className="number" title="Groups that wait for approval">
                Held
              </th>
              <th scope="col" className="number" title="Refused, or cannot be mapped">
                Failed
              </th>
              <th scope="col" className="number" title="Groups that differ and were not written">
                Differences
              </th>
              <th scope="col" className="number">
                Written
              </th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {data.flows.map((flow) => (
              <Row key={flow.flow} flow={flow} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ flow }: { readonly flow: FlowStatus }) {
  const { lagMs } = flow;
  const at = `/flows/${encodeURIComponent(flow.flow)}`;
  return (
    <tr>
      <th scope="row">
        <Link to={at}>{flow.flow}</Link>
        <div className="dim">{flow.title}</div>
      </th>
      <td>{flow.target}</td>
      <td>
        <WriteMode flow={flow} />
      </td>
      <td>
        <FlowState flow={flow} />
      </td>
      <td className="number">{lagMs === null ? <None /> : durationText(lagMs.p50)}</td>
      <td className="number">{lagMs === null ? <None /> : durationText(lagMs.p99)}</td>
      <td>
        <LastHour minutes={flow.lastHour} />
      </td>
      <CountCell at={`${at}?tab=due`} count={flow.waiting} />
      <CountCell at={`${at}?tab=held`} count={flow.held} />
      <CountCell at={`${at}?tab=parked`} count={flow.failed} />
      <CountCell at={`${at}?tab=differences`} count={flow.differences} />
      <CountCell at={`${at}?tab=deliveries`} count={flow.delivered} />
      <td className="why">{flow.why}</td>
    </tr>
  );
}

function None() {
  return (
    <span className="dim" title="Nothing was written yet">
      none yet
    </span>
  );
}

/** Every number opens what it counts. */
function CountCell({ at, count }: { readonly at: string; readonly count: number }) {
  return (
    <td className="number">
      {count === 0 ? <span className="dim">0</span> : <Link to={at}>{countText(count)}</Link>}
    </td>
  );
}

function summaryOf(flows: readonly FlowStatus[]): string {
  const live = flows.filter(({ write }) => write === 'live').length;
  const shadow = flows.length - live;
  const differences = flows.reduce((sum, flow) => sum + flow.differences, 0);
  return `${live} live, ${shadow} in shadow; ${countText(differences)} groups differ from their target`;
}
