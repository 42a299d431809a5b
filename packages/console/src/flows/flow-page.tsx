/** One flow: what differs field by field, what was written, what waits, and what to do about it. */
import { useEffect } from 'react';
import type { FlowStatus } from '../client/schema.js';
import { countText, durationText, timeText } from '../format.js';
import { Link, tracePath, usePlace, withQuery } from '../router.js';
import { useApi } from '../use-api.js';
import { ActButton } from './act-button.js';
import { Deliveries } from './deliveries.js';
import { Differences } from './differences.js';
import { FlowState, LastHour, WriteMode } from './flow-parts.js';
import { Reading } from './flow-tables.js';
import { Tester } from './tester.js';

const everyMs = 2000;

const tabs = [
  { tab: 'differences', name: 'Differences', count: (flow: FlowStatus) => flow.differences },
  { tab: 'deliveries', name: 'Written', count: (flow: FlowStatus) => flow.delivered },
  { tab: 'held', name: 'Held', count: (flow: FlowStatus) => flow.held },
  { tab: 'parked', name: 'Failed', count: (flow: FlowStatus) => flow.failed },
  { tab: 'due', name: 'Waiting', count: (flow: FlowStatus) => flow.waiting },
  { tab: 'test', name: 'Try the mapping', count: null },
] as const;
type Tab = (typeof tabs)[number]['tab'];

export function FlowPage({ name }: { readonly name: string }) {
  const { query } = usePlace();
  const { data: flow, error, reload } = useApi('readFlow', { params: { flow: name } }, everyMs);
  useEffect(() => {
    document.title = `${name} · Headrace`;
  }, [name]);
  if (flow === null) {
    if (error === null) return <p className="loading">Reading…</p>;
    return (
      <section className="empty">
        <h1>{error.message}</h1>
        <p>
          See the <Link to="/flows">flows there are</Link>.
        </p>
      </section>
    );
  }
  const tab = tabs.find((one) => one.tab === query.get('tab'))?.tab ?? 'differences';
  return (
    <section>
      <div className="title">
        <h1>
          <Link to="/flows">Flows</Link> / {flow.flow}
        </h1>
        <WriteMode flow={flow} />
        <FlowState flow={flow} />
        <span className="aside">{flow.title}</span>
        <Acts flow={flow} done={reload} />
      </div>
      {flow.why !== null && <p className="why-line">{flow.why}</p>}
      <dl className="facts">
        <Fact name="Last hour">
          <LastHour minutes={flow.lastHour} />
        </Fact>
        <Fact name="Lag p50 / p99">
          {flow.lagMs === null
            ? 'nothing written yet'
            : `${durationText(flow.lagMs.p50)} / ${durationText(flow.lagMs.p99)}`}
        </Fact>
        <Fact name="If an answer is lost">{flow.delivery}</Fact>
        <Fact name="Writes">{flow.owns === null ? 'every field' : flow.owns.join(', ')}</Fact>
        <Fact name="Limits">{limitsText(flow)}</Fact>
      </dl>
      <nav className="tabs" aria-label="Of this flow">
        {tabs.map((one) => (
          <Link
            key={one.tab}
            to={withQuery({ tab: one.tab, group: null })}
            aria-current={one.tab === tab ? 'true' : undefined}
          >
            {one.name}
            {one.count !== null && <span className="dim"> {countText(one.count(flow))}</span>}
          </Link>
        ))}
      </nav>
      <Content tab={tab} flow={flow} done={reload} />
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function limitsText({ limits }: FlowStatus): string {
  const { rows, approval, change } = limits;
  const parts = [
    rows === null ? null : `${countText(rows)} rows a run`,
    approval === null ? null : `${countText(approval)} without approval`,
    change === null ? null : `numbers by ${Math.round(change * 100)} %`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'none' : parts.join(' · ');
}

function Acts({ flow, done }: { readonly flow: FlowStatus; done(): void }) {
  const common = { flow: flow.flow, done };
  const isHalted = flow.state === 'paused' || flow.state === 'stopped';
  return (
    <span className="tools">
      {flow.run?.phase === 'held' && (
        <ActButton
          {...common}
          act="approveFlow"
          needs="approver"
          label="Approve the run"
          what={`Lets ${countText(flow.run.differing)} differing groups be written to ${flow.target}.`}
          body={{ run: true }}
        />
      )}
      {flow.failed > 0 && (
        <ActButton
          {...common}
          act="retryFlow"
          needs="operator"
          label="Retry failed"
          what="Tries again what was refused or could not be mapped."
          body={{ all: true }}
        />
      )}
      <ActButton
        {...common}
        act="resyncFlow"
        needs="operator"
        label="Resync all"
        what={`Looks at every group again as if it had changed; reads all of them from ${flow.target}.`}
        body={{ all: true }}
      />
      {isHalted ? (
        <ActButton
          {...common}
          act="resumeFlow"
          needs="operator"
          label="Resume"
          what="Goes on where it stands; what changed meanwhile is looked at now."
        />
      ) : (
        <ActButton
          {...common}
          act="pauseFlow"
          needs="operator"
          label="Pause"
          what={`Writes nothing to ${flow.target} until it is resumed; changes are kept.`}
        />
      )}
    </span>
  );
}

function Content({
  tab,
  flow,
  done,
}: {
  readonly tab: Tab;
  readonly flow: FlowStatus;
  done(): void;
}) {
  if (tab === 'differences') return <Differences flow={flow} />;
  if (tab === 'deliveries') return <Deliveries flow={flow} done={done} />;
  if (tab === 'test') return <Tester key={flow.flow} flow={flow} />;
  return <Groups flow={flow} phase={tab} done={done} />;
}

function Groups({
  flow,
  phase,
  done,
}: {
  readonly flow: FlowStatus;
  readonly phase: 'held' | 'parked' | 'due';
  done(): void;
}) {
  const { data, error, reload } = useApi(
    'listGroups',
    { params: { flow: flow.flow }, query: { phase, limit: 100 } },
    everyMs,
  );
  if (data === null) return <Reading error={error?.message} />;
  if (data.groups.length === 0) return <p className="note">{noneTexts[phase]}</p>;
  const after = () => {
    done();
    reload();
  };
  return (
    <table className="data">
      <thead>
        <tr>
          <th scope="col">Group</th>
          <th scope="col">Since</th>
          <th scope="col">Why</th>
          <th scope="col" className="number">
            Attempts
          </th>
          <th scope="col">Do</th>
        </tr>
      </thead>
      <tbody>
        {data.groups.map((one) => (
          <tr key={one.group}>
            <td>
              <Link to={tracePath(one.group)}>{one.group}</Link>
            </td>
            <td className="time">{one.since === null ? '' : timeText(Date.parse(one.since))}</td>
            <td className="why">
              {one.code !== null && <code>{one.code}</code>} {one.text}
            </td>
            <td className="number">{one.attempts}</td>
            <td>
              {phase === 'held' && (
                <ActButton
                  act="approveFlow"
                  flow={flow.flow}
                  needs="approver"
                  label="Approve"
                  what={`Lets ${one.group} be written to ${flow.target}.`}
                  body={{ groups: [one.group] }}
                  done={after}
                />
              )}
              {phase === 'parked' && (
                <ActButton
                  act="retryFlow"
                  flow={flow.flow}
                  needs="operator"
                  label="Retry"
                  what={`Tries ${one.group} again.`}
                  body={{ groups: [one.group] }}
                  done={after}
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const noneTexts = {
  held: 'Nothing waits for approval.',
  parked: 'Nothing was refused, and everything could be mapped.',
  due: 'Nothing waits: every group was looked at since it changed last.',
} as const;
