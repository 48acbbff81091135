/** What a web ACL refers to: sets, groups, and where an address lies. Asked for while the web ACL is compiled. */

import type { ManagedRuleGroupConfig, RuleAction, RuleGroupDefinition, Statement } from './types.ts';
import type { MatchDetail } from './verdict.ts';
import type { RequestView } from './view.ts';

export interface IPSet {
  readonly Addresses: readonly string[];
}

export interface RegexPatternSet {
  readonly RegularExpressionList: readonly { readonly RegexString?: string }[];
}

/** Where an address lies, for addresses that came in a header; the connection's own is in the request. */
export interface Location {
  readonly country?: string;
  readonly region?: string;
  readonly asn?: number;
}

/** A rule of a managed group: a statement as users write them, or code that looks at the request. */
export interface ManagedRule {
  readonly Name: string;
  readonly Action: RuleAction;
  /** Fully qualified: `awswaf:managed:aws:core-rule-set:NoUserAgent_Header`. */
  readonly Labels?: readonly string[];
  /** A statement, or `inspect`. */
  readonly Statement?: Statement;
  /** Answers what matched; an empty list is no match. Labels of its own are added through the view. */
  readonly inspect?: (view: RequestView) => readonly MatchDetail[];
}

/**
 * The number of the next rule of a group that has something to look at in a request, from one on; that of no rule where
 * none is left. The rules that it passes over would match nothing.
 */
export type NextRule = (view: RequestView, from: number) => number;

export interface ManagedRuleGroupDefinition {
  readonly VendorName: string;
  readonly Name: string;
  /** The version that was asked for, or the one that stands for the default. */
  readonly Version: string;
  readonly Capacity: number;
  /** `awswaf:managed:aws:core-rule-set:` */
  readonly LabelNamespace: string;
  readonly Rules: readonly ManagedRule[];
  /** Without it all are asked. */
  readonly nextRule?: NextRule;
  /** Runs before the rules, whether or not one matches: labels that a group always adds. */
  readonly prepare?: (view: RequestView) => void;
}

export interface Resources {
  ipSet(arn: string): IPSet | undefined;
  regexPatternSet(arn: string): RegexPatternSet | undefined;
  ruleGroup(arn: string): RuleGroupDefinition | undefined;
  managedRuleGroup(
    vendorName: string,
    name: string,
    version: string | undefined,
    configs: readonly ManagedRuleGroupConfig[],
  ): ManagedRuleGroupDefinition | undefined;
  /** Asked while requests are inspected, for addresses in headers only. */
  locate?(address: string): Location | undefined;
}
