/** Numbers, times and tables as people read them. */

export function countText(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

export function durationText(ms: number): string {
  if (ms < 1) return '0 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return twoParts(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return twoParts(hours, 'h', minutes % 60, 'min');
  return twoParts(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function twoParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

export interface TableOptions {
  /** Columns whose cells are numbers, by index; aligned to the right. */
  readonly right?: readonly number[];
  /** The last column is folded at this width; 0 for never. */
  readonly width?: number;
}

/** Columns as wide as their widest cell, two spaces between, a head in capitals. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const lines = [head.map((cell) => cell.toUpperCase()), ...rows];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  const last = head.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  const room = (options.width ?? 0) - before;
  return lines
    .flatMap((line) => {
      const cells = line.slice(0, last).map((cell, column) => {
        const width = widths[column] ?? 0;
        return options.right?.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      });
      const end = line[last] ?? '';
      const isRight = options.right?.includes(last) === true;
      const parts = room >= 20 ? folded(end, room) : [end];
      return parts.map((part, index) => {
        const left = index === 0 ? cells : cells.map((cell) => ' '.repeat(cell.length));
        return [...left, isRight ? part.padStart(widths[last] ?? 0) : part].join('  ').trimEnd();
      });
    })
    .join('\n');
}

function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Two texts next to each other, line by line. */
export function sideBySide(left: string, right: string, gap = '  │ '): string {
  const a = left.split('\n');
  const b = right.split('\n');
  const width = Math.min(Math.max(0, ...a.map((line) => line.length)), 60);
  const rows = Math.max(a.length, b.length);
  return Array.from({ length: rows }, (_, index) => {
    const cell = a[index] ?? '';
    const cut = cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);
    return `${cut}${gap}${b[index] ?? ''}`.trimEnd();
  }).join('\n');
}
