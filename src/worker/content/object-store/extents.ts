/** A part of an object that is fetched by one request. */
export interface Extent {
  readonly start: number;
  readonly length: number;
}

const KIB = 1024;

/** Small at first: its last byte must be there before the first one can be sent. Then worth a request each. */
const FIRST = 128 * KIB;
const LARGEST = 1024 * KIB;

/**
 * The extent that holds `position`, of an object of that size. The borders are the same for every reader, so that
 * extents can be shared; they double up to 1 MiB, as every transfer begins at the start.
 */
export function extentAt(position: number, size: number): Extent {
  let start = 0;
  let length = FIRST;
  while (start + length <= position && length < LARGEST) {
    start += length;
    length *= 2;
  }
  if (length === LARGEST) start += Math.floor((position - start) / LARGEST) * LARGEST;
  return { start, length: Math.min(length, size - start) };
}

/** All extents of an object, from the one that holds `from` on. */
export function* extentsFrom(from: number, size: number): Generator<Extent> {
  for (let at = from; at < size;) {
    const extent = extentAt(at, size);
    yield extent;
    at = extent.start + extent.length;
  }
}
