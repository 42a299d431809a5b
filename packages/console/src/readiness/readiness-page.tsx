/** Whether predictions can be trusted now: each input with its age and score, and what is held by it. */
import { useEffect } from 'react';
import type { InputScore, UseCase } from '../client/schema.js';
import { durationText, timeText } from '../format.js';
import { StateWord } from '../parts/stream-state.js';
import { useApi } from '../use-api.js';
import { PredictionTable } from './prediction-table.js';
import { gateTones, inputTone, scoreText } from './tones.js';

const everyMs = 1000;

export function ReadinessPage() {
  const { data, error } = useApi('readReadiness', {}, everyMs);
  const { data: predicted } = useApi('listUseCases', {}, everyMs);
  useEffect(() => {
    document.title = 'Readiness · Headrace';
  }, []);
  if (data === null || predicted === null) {
    return <p className="loading">{error === null ? 'Reading…' : error.message}</p>;
  }
  if (data.inputs.length === 0) {
    return (
      <section className="empty">
        <h1>No input yet</h1>
        <p>
          Name a source in <code>headrace.config.ts</code> and start again; what it tells of is
          judged here by its age, completeness, agreement and validity.
        </p>
      </section>
    );
  }
  const { useCases } = predicted;
  return (
    <section>
      <div className="title">
        <h1>Readiness</h1>
        <span className="aside">{summaryOf(data.inputs, useCases)}</span>
      </div>
      {useCases.length === 0 && (
        <p className="note">
          Nothing is predicted. Name a use case under <code>predict</code> in{' '}
          <code>headrace.config.ts</code>, as in <code>{'{ demand: { horizonDays: 30 } }'}</code>.
        </p>
      )}
      {useCases.map((one) => (
        <Standing key={one.useCase} standing={one} />
      ))}
      <h2>Inputs</h2>
      <Inputs inputs={data.inputs} useCases={useCases} at={data.at} />
      {useCases.map(({ useCase }) => (
        <PredictionTable key={useCase} useCase={useCase} />
      ))}
    </section>
  );
}

function Standing({ standing }: { readonly standing: UseCase }) {
  const { useCase, gate, since, at, worstInput, score } = standing;
  const isWell = worstInput === null || worstInput.score === 1;
  return (
    <section className="standing" aria-label={`Gate of ${useCase}`}>
      <h2>
        {useCase} <StateWord tone={gateTones[gate]} word={gate} />
      </h2>
      <p>
        {since === null ? (
          'Not judged yet.'
        ) : (
          <>
            For {durationText(at - since)}, since <span className="time">{timeText(since)}</span>.
            The weakest input scores {scoreText(score)}.
          </>
        )}
      </p>
      {!isWell && (
        <p>
          <b>{worstInput.input}</b> is worst: {worstInput.why ?? worstInput.component}{' '}
          {worstInput.fix}
        </p>
      )}
    </section>
  );
}

function Inputs({
  inputs,
  useCases,
  at,
}: {
  readonly inputs: readonly InputScore[];
  readonly useCases: readonly UseCase[];
  readonly at: number;
}) {
  const usedBy = (input: string) =>
    useCases.filter((one) => one.inputs.some((used) => used.input === input));
  // What a prediction stands on first, and of that the worst.
  const ordered = inputs.toSorted(
    (a, b) => usedBy(b.input).length - usedBy(a.input).length || a.score - b.score,
  );
  return (
    <div className="scroll">
      <table className="data">
        <thead>
          <tr>
            <th scope="col">Input</th>
            <th scope="col">Used by</th>
            <th scope="col">State</th>
            <th scope="col" className="number" title="The least of its parts, 0 to 1">
              Score
            </th>
            <th scope="col" className="number" title="Since it was last known whole">
              Age
            </th>
            <th scope="col" className="number" title="At this age nothing may be decided on it">
              Limit
            </th>
            <th scope="col">Worst part</th>
            <th scope="col">In alarm since</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((input) => (
            <Row
              key={input.input}
              input={input}
              usedBy={usedBy(input.input).map(({ useCase }) => useCase)}
              at={at}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  input,
  usedBy,
  at,
}: {
  readonly input: InputScore;
  readonly usedBy: readonly string[];
  readonly at: number;
}) {
  const { source, score, ageMs, maxAgeMs, worst, since } = input;
  const stream = input.input.slice(source.length + 1);
  const tone = inputTone(score);
  return (
    <tr>
      <th scope="row">
        <span className="dim">{source}/</span>
        {stream}
      </th>
      <td>{usedBy.length === 0 ? <span className="dim">nothing</span> : usedBy.join(', ')}</td>
      <td>
        <StateWord tone={tone.tone} word={tone.word} />
      </td>
      <td className="number">{scoreText(score)}</td>
      <td className="number">
        {ageMs === null ? <span className="dim">never whole</span> : durationText(ageMs)}
      </td>
      <td className="number">{durationText(maxAgeMs)}</td>
      <td>{score === 1 ? <span className="dim">none</span> : worst.component}</td>
      <td>
        {since === null ? (
          <span className="dim">not in alarm</span>
        ) : (
          <span title={`${durationText(at - since)} ago`}>{timeText(since)}</span>
        )}
      </td>
      <td className="why">{worst.why}</td>
    </tr>
  );
}

function summaryOf(inputs: readonly InputScore[], useCases: readonly UseCase[]): string {
  const weak = inputs.filter(({ score }) => score < 1).length;
  const held = useCases.filter(({ gate }) => gate === 'hold').length;
  return `${inputs.length - weak} of ${inputs.length} inputs are whole; ${held} of ${useCases.length} use cases held`;
}
