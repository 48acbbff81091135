/** A bucket policy on its way in: its grammar, its resources, its actions, and who its principals are. */
import {
  isPublic,
  type PolicyDocument,
  PolicySyntaxError,
  type PrincipalEntry,
  parsePolicy,
  principalsOf,
  type Statement,
} from '../../engines/policy/index.ts';
import { glob, matches } from '../../engines/text/glob.ts';
import { knownActions } from '../../models/actions.ts';
import { bucketArn } from './arns.ts';
import { canonicalUserId } from './canonical-user.ts';
import { malformedPolicy } from './errors.ts';
import { objectActions } from './object-actions.ts';
import { actionsKnowing } from './policy-conditions.ts';
import {
  invalidAction,
  invalidConditionKey,
  invalidPrincipal,
  invalidResource,
  policyFault,
  unrelatedAction,
  unrelatedCondition,
} from './policy-texts.ts';
import type { PrincipalDirectory } from './ports.ts';
import type { BucketPolicyRow, BucketRow } from './state.ts';

/** Bytes ("Policies and permissions in Amazon S3"). */
const sizeLimit = 20_480;

/** @throws AwsError MalformedPolicy, with S3's texts */
export async function readBucketPolicy(
  document: string,
  bucket: BucketRow,
  directory: PrincipalDirectory,
): Promise<BucketPolicyRow> {
  if (Buffer.byteLength(document) > sizeLimit) {
    throw malformedPolicy('Policy exceeds the maximum allowed document size.');
  }
  const parsed = parse(document);
  for (const statement of parsed.statements) requireApplicable(statement, bucket.name);
  const principalIds = await bind(principalsOf(parsed), directory);
  return { document, principalIds, isPublic: isPublic(parsed) };
}

function parse(document: string): PolicyDocument {
  try {
    return parsePolicy(document, 'resource');
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw policyFault(error);
    throw error;
  }
}

/** Resources of this bucket only, actions that can be taken on them, and conditions that those actions have. */
function requireApplicable(statement: Statement, bucket: string): void {
  if (!statement.resources) throw malformedPolicy('Missing required field Resource');
  const kinds = statement.resources.values.map((resource) => resourceKind(resource, bucket));
  const unknown = statement.conditions.find(({ key }) => actionsKnowing(key) === undefined);
  if (unknown) throw malformedPolicy(invalidConditionKey, unknown.key);
  const onBucket = kinds.some((kind) => kind !== 'object');
  const onObjects = kinds.some((kind) => kind !== 'bucket');
  for (const pattern of statement.actions.values) {
    const found = actionsMatching(pattern);
    if (found.length === 0) throw malformedPolicy(invalidAction, pattern);
    if (statement.actions.not || statement.resources.not) continue;
    const applicable = found.filter((name) => (objectActions.has(name) ? onObjects : onBucket));
    if (applicable.length === 0) throw malformedPolicy(unrelatedAction, pattern);
    requireKnowing(applicable, statement);
  }
}

/** A key of S3's must be known to every action that the statement names; of a pattern, to one that it stands for. */
function requireKnowing(actions: readonly string[], { conditions }: Statement): void {
  for (const { key } of conditions) {
    const knowing = actionsKnowing(key);
    if (knowing === 'any' || knowing === undefined) continue;
    if (!actions.some((name) => knowing.has(name))) throw malformedPolicy(unrelatedCondition, key);
  }
}

type ResourceKind = 'bucket' | 'object' | 'either';

/** `arn:aws:s3:::BUCKET`, `…BUCKET/KEY`, or `…BUCKET*`. */
function resourceKind(resource: string, bucket: string): ResourceKind {
  const arn = bucketArn(bucket);
  if (resource === arn) return 'bucket';
  if (resource.startsWith(`${arn}/`)) return 'object';
  if (resource.startsWith(`${arn}*`) || resource.startsWith(`${arn}?`)) return 'either';
  throw malformedPolicy(invalidResource, resource);
}

/** Names of S3's actions that the pattern stands for. */
function actionsMatching(pattern: string): readonly string[] {
  const known = knownActions('s3') ?? new Map<string, string>();
  if (pattern === '*') return [...known.values()];
  const colon = pattern.indexOf(':');
  if (pattern.slice(0, colon).toLowerCase() !== 's3') return [];
  const wanted = glob(pattern.slice(colon + 1).toLowerCase());
  return [...known].filter(([name]) => matches(wanted, name)).map(([, name]) => name);
}

/** Every principal must be somebody; users and roles are bound to who they are now. */
async function bind(
  entries: readonly PrincipalEntry[],
  directory: PrincipalDirectory,
): Promise<Record<string, string>> {
  const ids: Record<string, string> = Object.create(null);
  for (const entry of entries) {
    switch (entry.kind) {
      case 'everyone':
        break;
      case 'account':
      case 'session':
      case 'federated-user':
        if (!(await directory.accountExists(entry.account))) throw unknownPrincipal(entry.account);
        break;
      case 'user':
      case 'role': {
        const id = await directory.uniqueId(entry.arn);
        if (id === undefined) throw unknownPrincipal(entry.arn);
        ids[entry.arn] = id;
        break;
      }
      case 'unique-id':
        if ((await directory.arn(entry.id)) === undefined) throw unknownPrincipal(entry.id);
        break;
      case 'service':
        if (!entry.name.endsWith('.amazonaws.com')) throw unknownPrincipal(entry.name);
        break;
      case 'canonical-user': {
        const account = (await directory.accounts()).find((one) => canonicalUserId(one) === entry.id.toLowerCase());
        if (account === undefined) throw unknownPrincipal(entry.id);
        ids[entry.id] = account;
        break;
      }
      case 'federated':
        throw unknownPrincipal(entry.provider);
    }
  }
  return { ...ids };
}

const unknownPrincipal = (name: string) => malformedPolicy(invalidPrincipal, `"AWS" : "${name}"`);

/** The document as readers see it: people who are gone (or came again as others) show as their unique ids. */
export async function shownPolicy(policy: BucketPolicyRow, directory: PrincipalDirectory): Promise<string> {
  const renamed = new Map<string, string>();
  for (const [arn, id] of Object.entries(policy.principalIds)) {
    if (!arn.startsWith('arn:') || (await directory.uniqueId(arn)) === id) continue;
    renamed.set(arn, (await directory.arn(id)) ?? id);
  }
  if (renamed.size === 0) return policy.document;
  const document = JSON.parse(policy.document) as { Statement: StatementText | StatementText[] };
  for (const statement of [document.Statement].flat()) {
    for (const element of [statement.Principal, statement.NotPrincipal]) {
      if (typeof element !== 'object' || element.AWS === undefined) continue;
      const names = [element.AWS].flat().map((name) => renamed.get(name) ?? name);
      element.AWS = names.length === 1 ? names[0]! : names;
    }
  }
  return JSON.stringify(document);
}

interface StatementText {
  Principal?: string | { AWS?: string | string[] };
  NotPrincipal?: string | { AWS?: string | string[] };
}
