/** The engine for programs that hold plain documents: one call from policies and a request to a decision with its story. */
import { explain } from './explain.ts';
import type { ParseOptions } from './parse.ts';
import { combine, compile } from './policy-set.ts';
import type { PrincipalIds } from './principal.ts';
import type { Decision, Explanation, PolicyKind, PolicySet, RequestPrincipal } from './types.ts';

/** JSON text, or the object that it would parse to. Positions in the answer refer to the text. */
export type PolicyText = string | object;

export interface Question {
  readonly principal: RequestPrincipal;
  /** `s3:GetObject` */
  readonly action: string;
  readonly resource: {
    readonly arn: string;
    /** Owner: decides between the rules for one account and for two. */
    readonly account: string;
  };
  /** Condition values by key in any case; lists only for multi-valued keys. */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly identity?: readonly PolicyText[];
  /** Absent layers do not limit; empty ones allow nothing. */
  readonly boundary?: readonly PolicyText[] | undefined;
  readonly session?: readonly PolicyText[] | undefined;
  /** One list per level, organization root first. */
  readonly scps?: readonly (readonly PolicyText[])[] | undefined;
  readonly rcps?: readonly (readonly PolicyText[])[] | undefined;
  readonly endpoint?: readonly PolicyText[] | undefined;
  readonly resourcePolicy?:
    | {
        readonly document: PolicyText;
        /** `trust` and `key` policies must allow by themselves; `resource` by default. */
        readonly kind?: 'resource' | 'trust' | 'key' | undefined;
        readonly principalIds?: PrincipalIds | undefined;
      }
    | undefined;
}

export interface Evaluation extends Decision, Pick<Explanation, 'layers' | 'nearMisses'> {}

/**
 * Decides one request. Throws PolicySyntaxError for a document that its kind's grammar refuses. For many requests
 * against the same policies, `compile` and `combine` them once and call `decide`.
 *
 * @example
 * const { allowed } = evaluate({
 *   principal: { kind: 'user', account: '111122223333', arn: 'arn:aws:iam::111122223333:user/rudy', id: 'AIDA…', name: 'rudy' },
 *   action: 's3:GetObject',
 *   resource: { arn: 'arn:aws:s3:::shop/menu', account: '111122223333' },
 *   identity: [{ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:Get*', Resource: '*' } }],
 * });
 */
export function evaluate(question: Question): Evaluation {
  const values = new Map(Object.entries(question.context ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
  const { principal, action, resource, resourcePolicy: side } = question;
  const kind = side?.kind ?? 'resource';
  const { decision, layers, nearMisses } = explain({
    principal,
    action,
    resource,
    context: { get: (key) => values.get(key) },
    layers: {
      identity: setOf('identity', question.identity ?? []),
      boundary: question.boundary && setOf('boundary', question.boundary),
      session: question.session && setOf('session', question.session),
      scps: question.scps?.map((level) => setOf('scp', level)),
      // RCPFullAWSAccess, which AWS attaches to every target, is the one that may allow.
      rcps: question.rcps?.map((level) => setOf('rcp', level, { awsManaged: true })),
      endpoint: question.endpoint && setOf('endpoint', question.endpoint),
    },
    resourceSide: side && {
      kind,
      policy: combine([
        compile(
          textOf(side.document),
          kind,
          { id: `${kind} policy` },
          side.principalIds && { principalIds: side.principalIds },
        ),
      ]),
    },
  });
  return { ...decision, layers, nearMisses };
}

function setOf(kind: PolicyKind, documents: readonly PolicyText[], options?: ParseOptions): PolicySet {
  return combine(
    documents.map((one, index) => compile(textOf(one), kind, { id: `${kind} policy ${index + 1}` }, options)),
  );
}

function textOf(document: PolicyText): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}
