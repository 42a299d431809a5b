/** What a process did to files, from strace, and how they may look after the power went. */

export type FileEvent =
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'output'; readonly text: string };

const decodeHex = (text: string) =>
  Buffer.from(
    text.replace(/\\x([0-9a-f]{2})/g, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );

/** One thread's calls as written by `strace -ff -y -xx`, in their order. */
export function parseTrace(trace: string): FileEvent[] {
  const events: FileEvent[] = [];
  for (const line of trace.split('\n')) {
    const call = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(line);
    if (call === null || Number(call[3]) < 0) continue;
    const [, name = '', args = '', result = '0'] = call;
    const path = decodeHex(/^\d+<([^>]*)>/.exec(args)?.[1] ?? '').toString();
    if (name === 'fsync' || name === 'fdatasync') events.push({ kind: 'sync', path });
    else if (name === 'ftruncate') {
      events.push({ kind: 'truncate', path, size: Number(/, (\d+)$/.exec(args)?.[1]) });
    } else if (name === 'unlink') {
      events.push({ kind: 'unlink', path: decodeHex(/^"(.*)"/.exec(args)?.[1] ?? '').toString() });
    } else if (name === 'pwrite64') {
      const parts = /, "([^"]*)", (\d+), (\d+)$/.exec(args);
      if (parts === null) throw new Error(`Not understood: ${line.slice(0, 120)}`);
      const bytes = decodeHex(parts[1] as string).subarray(0, Number(result));
      events.push({ kind: 'write', path, at: Number(parts[3]), bytes });
    } else if (name === 'write' && args.startsWith('1<')) {
      const text = /, "([^"]*)", \d+$/.exec(args)?.[1] ?? '';
      events.push({ kind: 'output', text: decodeHex(text).toString() });
    } else if (name === 'pwritev' || name === 'rename') {
      throw new Error(`Not recorded: ${line.slice(0, 120)}`);
    }
  }
  return events;
}

/** How the disk treats what was written since the last sync. */
export type Loss = 'nothing-kept' | 'all-kept' | 'some-writes' | 'some-sectors';

const sectorSize = 512;

/** Files as the disk may hold them when the power goes after the first `cut` events. */
export function filesAfter(
  events: readonly FileEvent[],
  cut: number,
  loss: Loss,
  next: () => number,
): Map<string, Buffer> {
  const files = new Map<string, { synced: Buffer; pending: FileEvent[] }>();
  for (const event of events.slice(0, cut)) {
    if (event.kind === 'output') continue;
    let file = files.get(event.path);
    if (file === undefined) {
      file = { synced: Buffer.alloc(0), pending: [] };
      files.set(event.path, file);
    }
    if (event.kind === 'sync') {
      for (const one of file.pending) file.synced = applied(file.synced, one);
      file.pending = [];
    } else if (event.kind === 'unlink') files.delete(event.path);
    else file.pending.push(event);
  }
  const images = new Map<string, Buffer>();
  for (const [path, { synced, pending }] of files) {
    let image = synced;
    for (const event of pending) image = survived(image, event, loss, next);
    images.set(path, image);
  }
  return images;
}

function applied(image: Buffer, event: FileEvent): Buffer {
  if (event.kind === 'truncate') return resized(image, event.size);
  if (event.kind !== 'write') return image;
  const end = event.at + event.bytes.length;
  const larger = end > image.length ? resized(image, end) : Buffer.from(image);
  event.bytes.copy(larger, event.at);
  return larger;
}

function survived(image: Buffer, event: FileEvent, loss: Loss, next: () => number): Buffer {
  if (loss === 'nothing-kept') return image;
  if (loss === 'all-kept') return applied(image, event);
  if (loss === 'some-writes' || event.kind !== 'write') {
    return next() < 0.5 ? applied(image, event) : image;
  }
  let torn = image;
  for (let from = 0; from < event.bytes.length; ) {
    // Sectors are those of the disk, not of the write.
    const size = sectorSize - ((event.at + from) % sectorSize);
    const bytes = event.bytes.subarray(from, from + size);
    if (next() < 0.5) torn = applied(torn, { ...event, at: event.at + from, bytes });
    from += size;
  }
  return torn;
}

function resized(image: Buffer, size: number): Buffer {
  const copy = Buffer.alloc(size);
  image.copy(copy, 0, 0, Math.min(size, image.length));
  return copy;
}
