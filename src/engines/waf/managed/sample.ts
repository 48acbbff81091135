/** A value of a request, with what it may become when decoded: made for parts that managed rules look into. */
import { awake, bitOf } from '../detectors/cues.ts';
import { type Form, formsOf } from '../detectors/decoding/forms.ts';
import type { Detector, Evidence } from '../detectors/detector.ts';
import { lookAt } from '../detectors/traits.ts';
import type { MatchLocation } from '../verdict.ts';

/** One value, in one place of a request. */
export class Sample {
  readonly location: MatchLocation;
  /** The argument, header, cookie or JSON member it stands in. */
  readonly name: string;
  readonly raw: string;
  /** Whether `+` is a blank there. */
  readonly isUrlEncoded: boolean;
  private decoded: readonly Form[] | undefined;
  /** Negative until somebody asks. */
  private concerned = -1;

  constructor(location: MatchLocation, name: string, raw: string, isUrlEncoded: boolean) {
    this.location = location;
    this.name = name;
    this.raw = raw;
    this.isUrlEncoded = isUrlEncoded;
  }

  get forms(): readonly Form[] {
    const isPercentEncoded = this.isUrlEncoded || this.location === 'URI' || this.location === 'COOKIE';
    this.decoded ??= formsOf(this.raw, this.isUrlEncoded, isPercentEncoded);
    return this.decoded;
  }

  /** The bits of the detectors that any of its forms concerns. */
  get awake(): number {
    if (this.concerned < 0) {
      this.concerned = 0;
      for (const form of this.forms) this.concerned |= awake(form);
    }
    return this.concerned;
  }

  detect(detector: Detector): Evidence | undefined {
    const bit = bitOf(detector);
    if ((this.awake & bit) === 0) return undefined;
    for (const form of this.forms) {
      if ((awake(form) & bit) === 0) continue;
      lookAt(form);
      const found = detector(form.text);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** A text that no detector can find anything in: letters, digits, `-`, `_`; files are named with dots. */
const nothing = /^[\w-]*$/;
const mostOfNothing = 11;

/** Short as they are: names of a database's own schemas, numbers one beyond what fits, `Runtime` in Base64. */
const telling =
  /^(?:msdb|tempdb|northwind|msysobjects|msysqueries|msysaces|msysmodules|pg_(?:catalog|toast)|sysaux|2147483648|-2147483649|4294967296|-?0{5}\d{5}|cnVudGltZQ?|.J1bnRpbWU?|.ydW50aW1l)$/i;

export function isNothing(value: string): boolean {
  return value.length <= mostOfNothing && nothing.test(value) && (value.length < 4 || !telling.test(value));
}

const mostValues = 2000;
const longestJoined = 4096;

export function pairs(
  location: MatchLocation,
  values: readonly { readonly name: string; readonly value: string }[],
  isUrlEncoded: boolean,
): Sample[] {
  const samples: Sample[] = [];
  const seen = new Map<string, string>();
  for (const { name, value } of values) {
    if (samples.length > mostValues) break;
    // Some frameworks join the values of a repeated name by a comma, and so may an attack be cut in two.
    const before = seen.get(name);
    const joined = before === undefined ? value : `${before},${value}`;
    if (name !== '' && joined.length < longestJoined) seen.set(name, joined);
    if (before !== undefined && !isNothing(joined)) samples.push(new Sample(location, name, joined, isUrlEncoded));
    if (!isNothing(name)) samples.push(new Sample(location, name, name, isUrlEncoded));
    if (!isNothing(value)) samples.push(new Sample(location, name, value, isUrlEncoded));
  }
  return samples;
}
