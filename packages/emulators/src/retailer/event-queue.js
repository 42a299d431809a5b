import { Float64Column, Uint8Column, Uint32Column } from './columns.js';
export class EventQueue {
  times = new Float64Column();
  kinds = new Uint8Column();
  rows = new Uint32Column();
  size = 0;
  get length() {
    return this.size;
  }
  nextAtMs() {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.times.get(0);
  }
  push(atMs, kind, row) {
    const at = Math.floor(atMs);
    if (this.size === this.times.length) {
      this.times.push(at);
      this.kinds.push(kind);
      this.rows.push(row);
    } else {
      this.write(this.size, at, kind, row);
    }
    let index = this.size++;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!this.isBefore(index, parent)) break;
      this.swap(index, parent);
      index = parent;
    }
  }
  pop() {
    if (this.size === 0) return undefined;
    const event = { atMs: this.times.get(0), kind: this.kinds.get(0), row: this.rows.get(0) };
    const last = --this.size;
    this.write(0, this.times.get(last), this.kinds.get(last), this.rows.get(last));
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= this.size) break;
      const right = left + 1;
      const smaller = right < this.size && this.isBefore(right, left) ? right : left;
      if (!this.isBefore(smaller, index)) break;
      this.swap(smaller, index);
      index = smaller;
    }
    return event;
  }
  write(index, atMs, kind, row) {
    this.times.set(index, atMs);
    this.kinds.set(index, kind);
    this.rows.set(index, row);
  }
  /** Ties are broken by kind and row, so the order never depends on how the heap was filled. */
  isBefore(left, right) {
    const byTime = this.times.get(left) - this.times.get(right);
    if (byTime !== 0) return byTime < 0;
    const byKind = this.kinds.get(left) - this.kinds.get(right);
    if (byKind !== 0) return byKind < 0;
    return this.rows.get(left) < this.rows.get(right);
  }
  swap(left, right) {
    const time = this.times.get(left);
    const kind = this.kinds.get(left);
    const row = this.rows.get(left);
    this.write(left, this.times.get(right), this.kinds.get(right), this.rows.get(right));
    this.write(right, time, kind, row);
  }
}
//# sourceMappingURL=event-queue.js.map
