/**
 * Growable typed columns. Five million order lines as objects would not fit in the heap; as
 * columns they take about 20 bytes each. One class per element type keeps each accessor
 * monomorphic, which is what makes them as fast as plain arrays.
 */
const grownLength = (length) => Math.max(1024, Math.ceil(length * 1.6));
export class Float64Column {
  values = new Float64Array(1024);
  length = 0;
  get(index) {
    return this.values[index];
  }
  set(index, value) {
    this.values[index] = value;
  }
  push(value) {
    if (this.length === this.values.length) {
      const next = new Float64Array(grownLength(this.length));
      next.set(this.values);
      this.values = next;
    }
    this.values[this.length] = value;
    return this.length++;
  }
  bytes() {
    return new Uint8Array(this.values.buffer, 0, this.length * 8);
  }
}
export class Int32Column {
  values = new Int32Array(1024);
  length = 0;
  get(index) {
    return this.values[index];
  }
  set(index, value) {
    this.values[index] = value;
  }
  add(index, value) {
    this.values[index] = this.values[index] + value;
  }
  push(value) {
    if (this.length === this.values.length) {
      const next = new Int32Array(grownLength(this.length));
      next.set(this.values);
      this.values = next;
    }
    this.values[this.length] = value;
    return this.length++;
  }
  bytes() {
    return new Uint8Array(this.values.buffer, 0, this.length * 4);
  }
}
export class Uint32Column {
  values = new Uint32Array(1024);
  length = 0;
  get(index) {
    return this.values[index];
  }
  set(index, value) {
    this.values[index] = value;
  }
  push(value) {
    if (this.length === this.values.length) {
      const next = new Uint32Array(grownLength(this.length));
      next.set(this.values);
      this.values = next;
    }
    this.values[this.length] = value;
    return this.length++;
  }
  pop() {
    this.length--;
  }
  bytes() {
    return new Uint8Array(this.values.buffer, 0, this.length * 4);
  }
}
export class Uint8Column {
  values = new Uint8Array(1024);
  length = 0;
  get(index) {
    return this.values[index];
  }
  set(index, value) {
    this.values[index] = value;
  }
  push(value) {
    if (this.length === this.values.length) {
      const next = new Uint8Array(grownLength(this.length));
      next.set(this.values);
      this.values = next;
    }
    this.values[this.length] = value;
    return this.length++;
  }
  bytes() {
    return new Uint8Array(this.values.buffer, 0, this.length);
  }
}
//# sourceMappingURL=columns.js.map
