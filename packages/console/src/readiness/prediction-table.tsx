/** Predictions of a use case: what is served, or why not, with the last good value apart. */
import { useState } from 'react';
import type { Prediction } from '../client/schema.js';
import { countText, durationText } from '../format.js';
import { StateWord } from '../parts/stream-state.js';
import { useApi } from '../use-api.js';
import { gateTones } from './tones.js';

const everyMs = 1000;
const limit = 50;

export function PredictionTable({ useCase }: { readonly useCase: string }) {
  const [trail, setTrail] = useState<readonly string[]>(['']);
  const after = trail.at(-1) ?? '';
  const input = { params: { useCase }, query: { after, limit } };
  const { data, error } = useApi('listPredictions', input, everyMs);
  if (data === null) {
    return <p className="loading">{error === null ? 'Reading…' : error.message}</p>;
  }
  const { served, flagged, fallback, held } = data.counts;
  return (
    <>
      <div className="title">
        <h2>Predictions of {useCase}</h2>
        <span className="aside">
          on this page {countText(served)} served, {countText(flagged)} flagged,{' '}
          {countText(fallback)} by fallback, {countText(held)} held
        </span>
        <span className="tools">
          <button
            type="button"
            disabled={trail.length === 1}
            onClick={() => setTrail(trail.slice(0, -1))}
          >
            Back
          </button>
          <button
            type="button"
            disabled={data.next === null}
            onClick={() => setTrail([...trail, data.next ?? ''])}
          >
            More
          </button>
        </span>
      </div>
      {data.predictions.length === 0 ? (
        <p className="note">
          Nothing was predicted yet: an input was not read whole, or no variant has the days a model
          needs.
        </p>
      ) : (
        <div className="scroll">
          <table className="data" aria-label={`Predictions of ${useCase}`}>
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col">Gate</th>
                <th scope="col">For</th>
                <th scope="col" className="number" title="Nothing while it is held">
                  Units
                </th>
                <th scope="col" className="number">
                  Interval
                </th>
                <th scope="col" className="number" title="Added up over the days to come">
                  Horizon
                </th>
                <th scope="col" className="number" title="What was served last, while held">
                  Last good
                </th>
                <th scope="col">Stands on</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {data.predictions.map((one) => (
                <Row key={one.key} prediction={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Row({ prediction }: { readonly prediction: Prediction }) {
  const { key, gate, date, value, interval, horizon, lastGood, evidence, reason } = prediction;
  return (
    <tr>
      <th scope="row">{decodeURIComponent(key)}</th>
      <td>
        <StateWord tone={gateTones[gate]} word={gate} />
      </td>
      <td>{date ?? <span className="dim">no day yet</span>}</td>
      <td className="number">{value ?? <span className="dim">held</span>}</td>
      <td className="number">
        {interval === null ? <span className="dim">none</span> : rangeText(interval)}
      </td>
      <td className="number">
        {horizon === null ? (
          <span className="dim">none</span>
        ) : (
          `${horizon.value} in ${horizon.days} d`
        )}
      </td>
      <td className="number">
        {lastGood === null ? (
          <span className="dim">not needed</span>
        ) : (
          <span title={`${durationText(lastGood.ageMs)} old, for ${lastGood.date}`}>
            {lastGood.value} <span className="dim">({rangeText(lastGood.interval)})</span>
          </span>
        )}
      </td>
      <td className="time">
        {evidence === null ? (
          <span className="dim">nothing</span>
        ) : (
          <span title={`${evidence.v.model}, views ${evidence.v.features}`}>
            entry {countText(evidence.journal)}, K {countText(evidence.k)}
          </span>
        )}
      </td>
      <td className="why">{reason}</td>
    </tr>
  );
}

function rangeText({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${low} to ${high}`;
}
