/**
 * Tries the mapping of a flow: records in, what the target is to hold out, what differs, and each
 * error at its place. Nothing is written. Which group is tried is in the address; pasted records are
 * not, since they may be long.
 */
import { type FormEvent, useState } from 'react';
import type { Input } from '../client/client.js';
import type { FlowStatus, FlowTrialFault, FlowTrials } from '../client/schema.js';
import { valueText } from '../format.js';
import { go, Link, tracePath, usePlace, withQuery } from '../router.js';
import { mayAct } from '../session.js';
import { useSession } from '../session-context.js';
import { useApi } from '../use-api.js';
import { FieldTable, Reading } from './flow-tables.js';
import { rowsOf } from './trial-rows.js';

type Trial = FlowTrials['groups'][number];
type Body = Input<'testFlow'>['body'];

const recentMax = 8;

export function Tester({ flow }: { readonly flow: FlowStatus }) {
  const { session } = useSession();
  const { query } = usePlace();
  const named = query.get('group');
  const [text, setText] = useState<string | null>(null);
  const [sample, setSample] = useState<Body | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const isRead = mayAct(session, 'operator');
  const body =
    text !== null ? sample : named === null ? { recent: recentMax } : { groups: [named] };
  const input =
    body === null
      ? null
      : {
          params: { flow: flow.flow },
          query: { target: isRead ? ('read' as const) : ('none' as const) },
          body,
        };
  const { data, error, isLoading, reload } = useApi('testFlow', input);

  const trySample = (event: FormEvent) => {
    event.preventDefault();
    try {
      setSample({ records: recordsIn(JSON.parse(text ?? '')) } as Body);
      setTrouble(null);
      reload();
    } catch (thrown) {
      setTrouble((thrown as Error).message);
    }
  };
  const edit = ({ records }: Trial) => {
    const plain = records.map(({ entity, fields, isOwn }) => ({
      ...{ entity, fields },
      ...(isOwn ? { isOwn } : {}),
    }));
    setText(JSON.stringify(plain, null, 2));
    setSample(null);
    setTrouble(null);
  };
  return (
    <div className="tester">
      <p className="note">
        Runs the mapping as it is and writes nothing.
        {isRead
          ? ` ${flow.target} is asked what it has now.`
          : ` Asking ${flow.target} what it has needs the role operator; you are ${session.role}.`}
      </p>
      {text === null ? (
        <GroupForm named={named} reload={reload} paste={() => setText('')} />
      ) : (
        <form onSubmit={trySample} className="sample">
          <label htmlFor="sample">Canonical records as JSON</label>
          <textarea
            id="sample"
            rows={10}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <span>
            <button type="submit" className="primary" disabled={text.trim() === ''}>
              Try these
            </button>{' '}
            <button
              type="button"
              onClick={() => {
                setText(null);
                setSample(null);
                setTrouble(null);
              }}
            >
              Back to groups
            </button>
          </span>
          {trouble !== null && (
            <p className="problem" role="alert">
              {trouble}
            </p>
          )}
        </form>
      )}
      {error !== null && (
        <p className="problem" role="alert">
          {[error.message, error.problem?.detail].filter(Boolean).join(' ')}
        </p>
      )}
      {isLoading && error === null && <Reading error={undefined} />}
      {data?.faults.map((fault) => (
        <Fault key={fault.path} fault={fault} />
      ))}
      {data?.groups.length === 0 && data.faults.length === 0 && (
        <p className="note">No group of this flow is known yet.</p>
      )}
      {data?.groups.map((trial) => (
        <OneTrial key={trial.group} flow={flow} trial={trial} edit={() => edit(trial)} />
      ))}
    </div>
  );
}

/** A list, an object that holds one, or a single record; the platform says what does not fit. */
function recordsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const { records } = (value ?? {}) as { readonly records?: unknown };
  return Array.isArray(records) ? records : [value];
}

function GroupForm({
  named,
  reload,
  paste,
}: {
  readonly named: string | null;
  reload(): void;
  paste(): void;
}) {
  const [group, setGroup] = useState(named ?? '');
  const send = (event: FormEvent) => {
    event.preventDefault();
    const name = group.trim();
    if (name === (named ?? '')) reload();
    go(withQuery({ group: name === '' ? null : name }));
  };
  return (
    <form onSubmit={send} className="group-form">
      <label htmlFor="group">Group</label>
      <input
        id="group"
        value={group}
        onChange={(event) => setGroup(event.target.value)}
        placeholder="empty: some that differ or wait"
        spellCheck={false}
        autoComplete="off"
      />
      <button type="submit" className="primary">
        Try
      </button>
      <button type="button" onClick={paste}>
        Paste records
      </button>
    </form>
  );
}

const doesTexts: Readonly<Record<Trial['verdict']['does'], string>> = {
  nothing: 'not concerned',
  level: 'level',
  show: 'shown only',
  hold: 'held',
  write: 'writes',
  park: 'fails',
  unknown: 'not compared',
};

function OneTrial({
  flow,
  trial,
  edit,
}: {
  readonly flow: FlowStatus;
  readonly trial: Trial;
  edit(): void;
}) {
  const { gives, faults, verdict, live } = trial;
  const thrown = faults.filter(({ at }) => at !== 'fields');
  return (
    <section className="panel" aria-label={`Trial of ${trial.group}`}>
      <div className="title">
        <h2>{trial.group}</h2>
        <span className={`badge does-${verdict.does}`}>{doesTexts[verdict.does]}</span>
        <Link to={tracePath(trial.group)}>Trace it</Link>
        <span className="tools">
          <button type="button" onClick={edit}>
            Edit these records
          </button>
        </span>
      </div>
      <p className="why-line">{verdict.text}</p>
      {live !== null && (
        <p className="why-line">
          If it were live: <b>{doesTexts[live.does]}</b>. {live.text}
        </p>
      )}
      {thrown.map((fault) => (
        <Fault key={`${fault.at} ${fault.message}`} fault={fault} />
      ))}
      <div className="in-out">
        <div>
          <h3>In: what the other systems say</h3>
          {trial.records.length === 0 && <p className="note">No records.</p>}
          {trial.records.map((record) => (
            <Rows
              key={`${record.isOwn} ${record.entity} ${record.key}`}
              name={`${record.entity} ${record.key}`}
              aside={record.isOwn ? `${flow.target} itself` : record.sources.join(', ')}
              fields={record.fields}
              faults={[]}
            />
          ))}
          {trial.lookups.length > 0 && (
            <table className="data">
              <caption>Cross-reference tables</caption>
              <tbody>
                {trial.lookups.map(({ table, key, value, isMissing }) => (
                  <tr key={`${table} ${key}`} className={isMissing ? 'faulty' : undefined}>
                    <th scope="row">
                      <code>
                        {table} / {key}
                      </code>
                    </th>
                    <td>{isMissing ? 'no such row' : valueText(value)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
        <div>
          <h3>Out: what {flow.target} is to hold</h3>
          {gives === null ? (
            <p className="note">The mapping gave nothing.</p>
          ) : (
            <Rows
              name={gives.key ?? '(no key)'}
              aside={trial.ready === null ? '' : "the project's mapping"}
              fields={gives.fields}
              faults={faults.filter(({ at }) => at === 'fields')}
            />
          )}
        </div>
      </div>
      {trial.isRead && trial.differences.length > 0 && (
        <>
          <h3>Difference</h3>
          <FieldTable
            fields={trial.differences}
            before={
              trial.target === null ? `${flow.target} has no such record` : `${flow.target} now`
            }
            after={flow.write === 'live' ? 'To be written' : 'Would write'}
          />
        </>
      )}
    </section>
  );
}

function Rows({
  name,
  aside,
  fields,
  faults,
}: {
  readonly name: string;
  readonly aside: string;
  readonly fields: unknown;
  readonly faults: readonly FlowTrialFault[];
}) {
  return (
    <table className="data">
      <caption>
        <code>{name}</code> <span className="dim">{aside}</span>
      </caption>
      <tbody>
        {rowsOf(fields, faults).map((row) => (
          <tr key={row.path} className={row.faults.length > 0 ? 'faulty' : undefined}>
            <th scope="row">
              <code>{row.path}</code>
            </th>
            <td>
              {valueText(row.value)}
              {row.faults.map(({ message }) => (
                <span key={message} className="fault">
                  {message}
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Fault({ fault }: { readonly fault: FlowTrialFault }) {
  const { code, message, path, place } = fault;
  return (
    <p className="problem">
      <code>{code}</code> {message}
      {path !== null && (
        <>
          {' '}
          at <code>{path}</code>
        </>
      )}
      {place !== null && (
        <>
          {' '}
          in{' '}
          <code>
            {place.file}:{place.line}
          </code>
        </>
      )}
    </p>
  );
}
