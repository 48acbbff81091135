/** Makes rules of managed groups: a name as AWS gives it, an action, a label, and what is looked for where. */
import { maskOf } from '../detectors/cues.ts';
import type { Detector, Evidence } from '../detectors/detector.ts';
import { evidence } from '../detectors/evidence.ts';
import type { ManagedRule, NextRule } from '../resources.ts';
import type { RuleAction } from '../types.ts';
import type { MatchDetail, MatchLocation } from '../verdict.ts';
import type { RequestView } from '../view.ts';
import type { ManagedFacts } from './facts.ts';
import type { Sample } from './sample.ts';
import { numberOf, type Part, samplesOf } from './samples.ts';

export const block: RuleAction = { Block: {} };
export const count: RuleAction = { Count: {} };
export const challenge: RuleAction = { Challenge: {} };
export const captcha: RuleAction = { Captcha: {} };

const none: readonly MatchDetail[] = [];

/** A rule that has nothing to look at where none of its detectors is awake. */
interface DetectingRule extends ManagedRule {
  /** In parts by their numbers, the bits of its detectors. */
  readonly looks: readonly { readonly number: number; readonly mask: number }[];
}

/**
 * Which of a group's rules may match. What it reads of the rules is one small table: of an ordinary request, most rules are
 * passed over, and all that they are made of is not touched. Undefined where all of them judge requests as a whole.
 */
export function nextRuleOf(rules: readonly (ManagedRule | DetectingRule)[]): NextRule | undefined {
  const looks = rules.map((rule) => ('looks' in rule ? rule.looks : []));
  if (looks.every(({ length }) => length === 0)) return undefined;
  const table = Int32Array.from(looks.flat().flatMap(({ number, mask }) => [number, mask]));
  const ends = Int32Array.from(looks, (_, index) => 2 * looks.slice(0, index + 1).flat().length);
  return (view, from) => {
    let at = from === 0 ? 0 : ends[from - 1]!;
    for (let rule = from; rule < ends.length; rule++) {
      const end = ends[rule]!;
      if (at === end) return rule;
      const samples = samplesOf(view);
      for (; at < end; at += 2) if ((samples.awake(table[at]!) & table[at + 1]!) !== 0) return rule;
    }
    return ends.length;
  };
}

/** A rule that runs detectors over parts of the request; the first evidence is the match. */
export function detecting(
  name: string,
  label: string,
  parts: readonly Part[],
  detectors: readonly Detector[],
  action: RuleAction = block,
  ...further: readonly (readonly [part: Part, detectors: readonly Detector[]])[]
): DetectingRule {
  const looks = [...parts.map((part) => [part, detectors] as const), ...further].map(([part, detectors]) => ({
    part,
    number: numberOf(part),
    detectors,
    mask: maskOf(detectors),
  }));
  return {
    Name: name,
    Action: action,
    Labels: [label],
    looks,
    inspect(view) {
      const samples = samplesOf(view);
      for (const { part, number, detectors, mask } of looks) {
        if ((samples.awake(number) & mask) === 0) continue;
        for (const sample of samples.parts[part]) {
          if ((sample.awake & mask) === 0) continue;
          for (const detector of detectors) {
            const found = sample.detect(detector);
            if (found !== undefined) return [detailOf(sample, found)];
          }
        }
      }
      return none;
    },
  };
}

/** A rule that looks at the request as a whole. */
export function judging(
  name: string,
  label: string,
  location: MatchLocation,
  judge: (view: RequestView) => Evidence | undefined,
  action: RuleAction = block,
): ManagedRule {
  return {
    Name: name,
    Action: action,
    Labels: [label],
    inspect(view) {
      const found = judge(view);
      return found === undefined
        ? none
        : [{ conditionType: found.family.toUpperCase(), location, matchedData: [found.matched], evidence: found }];
    },
  };
}

/** A rule on what only an observer outside knows. */
export function observing(
  name: string,
  label: string,
  signal: string,
  facts: ManagedFacts,
  action: RuleAction = block,
): ManagedRule {
  return judging(
    name,
    label,
    'CLIENT_ADDRESS',
    (view) => (facts.isObserved?.(signal, view) ? evidence('protocol', `observed: ${signal}`, '', 0.7) : undefined),
    action,
  );
}

/** A rule that looks in two ways; name, action and label are the first one's. */
export function either({ Name, Action, Labels, ...first }: ManagedRule, second: ManagedRule): ManagedRule {
  return {
    Name,
    Action,
    ...(Labels && { Labels }),
    inspect(view) {
      const found = first.inspect!(view);
      return found.length > 0 ? found : second.inspect!(view);
    },
  };
}

function detailOf(sample: Sample, found: Evidence): MatchDetail {
  return {
    conditionType: found.family === 'sqli' ? 'SQL_INJECTION' : found.family.toUpperCase(),
    location: sample.location,
    matchedData: [found.matched],
    ...(sample.name === '' ? {} : { matchedFieldName: sample.name.slice(0, 200) }),
    evidence: found,
  };
}
