import { Command } from 'commander';
import type { Prediction, Standing, UseCaseAnswer } from '../../predict/index.js';
import { createClient } from './client.js';
import { durationText, tableText } from './human.js';
import { type CommonOptions, verb, wholeNumber } from './verb.js';

interface PredictOptions extends CommonOptions {
  readonly key?: string;
  readonly limit?: string;
}

export function predictCommand(): Command {
  const command = new Command('predict')
    .description('what is predicted now, with its gate and what it stands on')
    .argument('<use-case>', 'such as demand')
    .option('--key <key>', 'of one key alone')
    .option('--limit <n>', 'most keys that are shown (default: 100)');
  return verb<PredictOptions>(command, async (options, terminal, useCase = '') => {
    const client = createClient(options);
    const path = `/v1/predictions/${encodeURIComponent(useCase)}`;
    const limit = wholeNumber(options.limit, 100, '--limit');
    let standing: Standing;
    let predictions: readonly Prediction[];
    if (options.key === undefined) {
      const answer = await client.get<UseCaseAnswer>(`${path}?limit=${limit}`);
      ({ predictions, ...standing } = answer);
    } else {
      const key = options.key.split('/').map(encodeURIComponent).join('/');
      const answer = await client.get<Standing & { readonly prediction: Prediction }>(
        `${path}/${key}`,
      );
      const { prediction, ...rest } = answer;
      standing = rest;
      predictions = [prediction];
    }
    terminal.answer({ ...standing, predictions });
    terminal.print(standingText(standing));
    terminal.print('');
    terminal.print(predictionsText(predictions));
    const isHeld = standing.gate === 'hold' || predictions.some(({ gate }) => gate === 'hold');
    return isHeld ? 2 : 0;
  });
}

function standingText({ useCase, gate, worstInput, inputs, since, at }: Standing): string {
  const lines = [`${useCase}: ${gate}${since === null ? '' : ` for ${durationText(at - since)}`}`];
  if (worstInput !== null && worstInput.score < 1) {
    lines.push(`  ${worstInput.input}: ${worstInput.why ?? worstInput.component}`);
    lines.push(`  ${worstInput.fix}`);
  }
  const rows = inputs.map(({ input, ageMs, maxAgeMs, score }) => [
    `  ${input}`,
    ageMs === null ? 'never' : durationText(ageMs),
    durationText(maxAgeMs),
    score.toFixed(2),
  ]);
  return [...lines, tableText(['  input', 'age', 'limit', 'score'], rows)].join('\n');
}

function predictionsText(predictions: readonly Prediction[]): string {
  const rows = predictions.map(({ key, gate, value, interval, date, lastGood, id, reason }) => {
    const shown = value ?? lastGood?.value ?? null;
    const range = interval ?? lastGood?.interval ?? null;
    return [
      key,
      gate,
      shown === null ? '' : `${value === null ? 'was ' : ''}${shown}`,
      range === null ? '' : `${range.low} to ${range.high}`,
      date ?? lastGood?.date ?? '',
      id ?? reason ?? '',
    ];
  });
  return tableText(['key', 'gate', 'units', 'interval', 'of', 'id'], rows);
}
