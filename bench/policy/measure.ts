/** Time of one operation: many short batches and their median, so that what else runs on the machine counts little. */

/** Microseconds per call; `work` is called with 0 to `count` - 1 in rotation. */
export function medianMicroseconds(work: (index: number) => unknown, count: number, batches = 401): number {
  const warm = process.hrtime.bigint();
  while (process.hrtime.bigint() - warm < 300_000_000n) batch(work, count, count);
  let size = count;
  while (size < 1 << 16 && batch(work, count, size) < 200_000) size *= 2;
  const times = Array.from({ length: batches }, () => batch(work, count, size) / size / 1_000);
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)]!;
}

/** How many times as long one kind of work takes as another: batches of both take turns, so that both meet the same machine. */
export function medianRatio(
  work: (index: number) => unknown,
  baseline: (index: number) => unknown,
  count: number,
  batches = 401,
): number {
  medianMicroseconds(baseline, count, 1);
  medianMicroseconds(work, count, 1);
  const size = count * 16;
  const ratios = Array.from({ length: batches }, () => batch(work, count, size) / batch(baseline, count, size));
  ratios.sort((a, b) => a - b);
  return ratios[Math.floor(ratios.length / 2)]!;
}

let sink: unknown;

/** Nanoseconds. */
function batch(work: (index: number) => unknown, count: number, size: number): number {
  const start = process.hrtime.bigint();
  for (let call = 0, index = 0; call < size; call++) {
    sink = work(index);
    if (++index === count) index = 0;
  }
  const time = Number(process.hrtime.bigint() - start);
  // Whoever looks at the result keeps the work from being optimized away.
  return sink === batch ? 0 : time;
}
