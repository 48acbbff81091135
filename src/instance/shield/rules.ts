/** Shield's rules in a web ACL: made of signatures, put in and taken out by Shield's own role. */
import type { FieldToMatch, Rule, Statement, TextTransformation, WebACL } from '@aws-sdk/client-wafv2';
import { MOST_TEXT } from '../../edge/reports/arrivals.ts';
import type { Signature, Term } from '../../engines/traffic/index.ts';
import { type Actor, AwsError, type Caller } from '../../services/service.ts';

export interface Mitigation {
  readonly signature: Signature;
  /** Requests a second of one source that are usual. */
  readonly sourceRate: number;
}

/** As Shield names what it places (Shield Advanced, "The Shield Advanced rule group"). */
const rulePrefix = 'ShieldMitigationRuleGroup_';
const firstPriority = 10_000_000;
const none: TextTransformation[] = [{ Priority: 0, Type: 'NONE' }];
/** Limits of a rate-based rule. */
const leastLimit = 10;
/** Of an argument that a rule can name (WAFV2 API Reference, SingleQueryArgument). */
const longestName = 64;
const tries = 3;

export interface Place {
  readonly actor: Actor;
  readonly caller: Caller;
  /** ARN of the web ACL. */
  readonly webAcl: string;
}

/** Replaces all of Shield's rules by those for one attack, or by none. Answers the names of the rules. */
export async function placeRules(
  place: Place,
  mitigation: Mitigation | undefined,
  action: 'BLOCK' | 'COUNT',
): Promise<readonly string[]> {
  for (let left = tries; ; left -= 1) {
    try {
      return await tryToPlace(place, mitigation, action);
    } catch (error) {
      // Somebody else changed the web ACL meanwhile.
      if (!(error instanceof AwsError) || error.code !== 'WAFOptimisticLockException' || left <= 1) throw error;
    }
  }
}

async function tryToPlace(
  { actor, caller, webAcl: arn }: Place,
  mitigation: Mitigation | undefined,
  action: 'BLOCK' | 'COUNT',
): Promise<readonly string[]> {
  const named = placeOf(arn);
  const identity = { as: 'role', caller, via: 'shield.amazonaws.com', region: named.region } as const;
  const { region: _region, ...key } = named;
  const found = (await actor.call(identity, 'wafv2', 'GetWebACL', key)) as { WebACL: WebACL; LockToken: string };
  const { WebACL: acl, LockToken } = found;
  const before = (acl.Rules ?? []).filter(({ Name }) => Name?.startsWith(rulePrefix));
  const others = (acl.Rules ?? []).filter(({ Name }) => !Name?.startsWith(rulePrefix));
  const rule = mitigation && ruleOf(mitigation, action, caller.account, named.Id);
  if (!rule && before.length === 0) return [];
  if (rule && JSON.stringify(before) === JSON.stringify([rule])) return [rule.Name ?? ''];
  const {
    DefaultAction,
    VisibilityConfig,
    Description,
    CustomResponseBodies,
    CaptchaConfig,
    ChallengeConfig,
    TokenDomains,
    AssociationConfig,
    DataProtectionConfig,
  } = acl;
  const settings = {
    DefaultAction,
    VisibilityConfig,
    Description,
    CustomResponseBodies,
    CaptchaConfig,
    ChallengeConfig,
    TokenDomains,
    AssociationConfig,
    DataProtectionConfig,
  };
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const Rules = [...others, ...(rule ? [rule] : [])];
  await actor.call(identity, 'wafv2', 'UpdateWebACL', { ...key, ...given, Rules, LockToken });
  return rule ? [rule.Name ?? ''] : [];
}

/** `arn:aws:wafv2:us-east-1:111122223333:regional/webacl/NAME/ID` */
function placeOf(arn: string): { region: string; Name: string; Id: string; Scope: 'REGIONAL' | 'CLOUDFRONT' } {
  const [, , , region = '', , resource = ''] = arn.split(':');
  const [scope, , Name = '', Id = ''] = resource.split('/');
  return { region, Name, Id, Scope: scope === 'global' ? 'CLOUDFRONT' : 'REGIONAL' };
}

function ruleOf({ signature, sourceRate }: Mitigation, action: 'BLOCK' | 'COUNT', account: string, id: string): Rule {
  const name = `${rulePrefix}${account}_${id.replaceAll('-', '').slice(0, 24)}`;
  return {
    Name: name,
    Priority: firstPriority,
    Statement: statementOf(signature, sourceRate),
    Action: action === 'BLOCK' ? { Block: {} } : { Count: {} },
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: name },
  };
}

function statementOf(signature: Signature, sourceRate: number): Statement {
  const terms = signature.terms.map(termOf);
  const [first] = terms;
  const all: Statement | undefined = terms.length > 1 ? { AndStatement: { Statements: terms } } : first;
  if (signature.kind === 'attributes') return all ?? never();
  // What tells these sources apart is how much each asks for: more than any customer ever did.
  const Limit = Math.max(leastLimit, Math.ceil(2 * sourceRate * 60));
  return {
    RateBasedStatement: {
      Limit,
      EvaluationWindowSec: 60,
      AggregateKeyType: 'IP',
      ...(all && { ScopeDownStatement: all }),
    },
  };
}

function never(): never {
  throw new RangeError('A signature without terms is none.');
}

function termOf({ attribute, values, isNot }: Term): Statement {
  const [only, ...more] = values.map((value) => conditionOf(attribute, value));
  if (only === undefined) never();
  const any = more.length === 0 ? only : { OrStatement: { Statements: [only, ...more] } };
  return isNot ? no(any) : any;
}

function conditionOf(attribute: Term['attribute'], value: string): Statement {
  switch (attribute) {
    case 'country':
      return { GeoMatchStatement: { CountryCodes: [value as 'US'] } };
    case 'asn':
      return { AsnMatchStatement: { AsnList: [Number(value)] } };
    case 'path':
      return exactly({ UriPath: {} }, value);
    case 'method':
      return exactly({ Method: {} }, value);
    case 'userAgent':
      return value === ''
        ? no({
            SizeConstraintStatement: {
              FieldToMatch: { SingleHeader: { Name: 'user-agent' } },
              ComparisonOperator: 'GT',
              Size: 0,
              TextTransformations: none,
            },
          })
        : exactly({ SingleHeader: { Name: 'user-agent' } }, value);
    case 'ja4':
      return exactly(
        { JA4Fingerprint: { FallbackBehavior: value === '' ? 'MATCH' : 'NO_MATCH' } },
        value === '' ? 'none' : value,
      );
    case 'queryKeys':
      return keysOf(value);
  }
}

const no = (Statement: Statement): Statement => ({ NotStatement: { Statement } });

/** A text that was cut is only the beginning. */
const exactly = (field: FieldToMatch, value: string): Statement =>
  textMatch(field, value, value.length >= MOST_TEXT ? 'STARTS_WITH' : 'EXACTLY');

const textMatch = (
  FieldToMatch: FieldToMatch,
  value: string,
  PositionalConstraint: 'EXACTLY' | 'STARTS_WITH' | 'CONTAINS',
): Statement => ({
  ByteMatchStatement: {
    FieldToMatch,
    SearchString: Buffer.from(value, 'latin1'),
    PositionalConstraint,
    TextTransformations: none,
  },
});

/** Every name is an argument of the query. */
function keysOf(value: string): Statement {
  const names = value.split('&').filter(Boolean);
  // The last one was cut.
  if (value.length >= MOST_TEXT && names.length > 1) names.pop();
  if (names.length === 0) {
    return {
      SizeConstraintStatement: {
        FieldToMatch: { QueryString: {} },
        ComparisonOperator: 'EQ',
        Size: 0,
        TextTransformations: none,
      },
    };
  }
  const each = names.map(argument);
  const [only] = each;
  return only && each.length === 1 ? only : { AndStatement: { Statements: each } };
}

const argument = (Name: string): Statement =>
  Name.length > longestName
    ? textMatch({ QueryString: {} }, Name, 'CONTAINS')
    : {
        SizeConstraintStatement: {
          FieldToMatch: { SingleQueryArgument: { Name } },
          ComparisonOperator: 'GE',
          Size: 0,
          TextTransformations: none,
        },
      };
