/** Times as IAM answers them: whole seconds, such as `2026-11-01T09:30:00Z`. */

/** @param milliseconds since the epoch; the fraction of a second is dropped */
export function shownTime(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}
