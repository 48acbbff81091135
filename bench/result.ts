/** What a benchmark prints: a value, its unit, and the baseline of the same run. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value should be, for people: `≤ 4`. */
  readonly goal?: string;
  /** What it is compared with, as measured in the same run. */
  readonly baseline?: string | number;
}
