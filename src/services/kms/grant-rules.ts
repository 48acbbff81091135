/** What may be granted on which key, to whom, and under which conditions. */
import type { CreateGrantRequest } from '@aws-sdk/client-kms';
import { AwsError } from '../service.ts';
import { validation } from './errors.ts';
import type { KmsPrincipals } from './ports.ts';
import type { GrantConstraints, KeyRow } from './state.ts';

/** Operations by what the key is for ("Grant operations", AWS KMS Developer Guide). */
const always = ['CreateGrant', 'RetireGrant', 'DescribeKey'];
const symmetric = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
];
const byUsage: Readonly<Record<string, readonly string[]>> = {
  ENCRYPT_DECRYPT: ['Decrypt', 'Encrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GetPublicKey'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
};
/** Operations that have an encryption context, or pass it on. */
const withContext = new Set([...symmetric, 'CreateGrant', 'RetireGrant', 'DescribeKey']);

/** @throws AwsError ValidationException */
export function requireGrantable(key: KeyRow, operations: readonly string[]): void {
  if (operations.length === 0)
    throw validation(
      "1 validation error detected: Value at 'operations' failed to satisfy constraint: Member must not be empty",
    );
  const fitting = key.spec === 'SYMMETRIC_DEFAULT' ? symmetric : (byUsage[key.usage] ?? []);
  for (const operation of operations) {
    if (always.includes(operation) || fitting.includes(operation)) continue;
    throw validation(`Operation ${operation} is not compatible with key spec ${key.spec} and key usage ${key.usage}.`);
  }
}

type Pairs = Readonly<Record<string, string>> | undefined;
const isFull = (pairs: Pairs): boolean => pairs !== undefined && Object.keys(pairs).length > 0;
const nonEmpty = (pairs: Pairs): Pairs => (isFull(pairs) ? pairs : undefined);

/**
 * Of the two context constraints an empty one beside a full one says nothing (Terraform's provider sends both).
 * @throws AwsError ValidationException
 */
export function readConstraints(input: CreateGrantRequest, key: KeyRow): GrantConstraints | undefined {
  const { EncryptionContextEquals, EncryptionContextSubset, SourceArn } = input.Constraints ?? {};
  const equals = isFull(EncryptionContextSubset) ? nonEmpty(EncryptionContextEquals) : EncryptionContextEquals;
  const subset = nonEmpty(EncryptionContextSubset);
  if (equals === undefined && subset === undefined && SourceArn === undefined) return undefined;
  if (equals !== undefined && subset !== undefined) {
    throw validation('A grant takes EncryptionContextEquals or EncryptionContextSubset, not both.');
  }
  for (const pairs of [equals, subset]) requireShort(pairs ?? {});
  const needsContext = equals !== undefined || subset !== undefined;
  if (needsContext && (key.spec !== 'SYMMETRIC_DEFAULT' || input.Operations?.some((one) => !withContext.has(one)))) {
    throw validation(
      'Encryption context constraints are supported only for grants of symmetric cryptographic operations.',
    );
  }
  return {
    ...(equals && { equals }),
    ...(subset && { subset }),
    ...(SourceArn !== undefined && { sourceArn: SourceArn }),
  };
}

/** "Each constraint value can include up to 8 encryption context pairs." */
const mostPairs = 8;
/** Characters of the value of a pair. */
const longestValue = 384;

function requireShort(pairs: Readonly<Record<string, string>>): void {
  if (Object.keys(pairs).length > mostPairs) {
    throw validation(`A grant constraint has at most ${mostPairs} encryption context pairs.`);
  }
  if (Object.values(pairs).some((value) => value.length > longestValue)) {
    throw validation(`The encryption context values of a grant constraint have at most ${longestValue} characters.`);
  }
}

export interface GrantPrincipal {
  readonly arn: string;
  readonly id?: string;
}

/**
 * Who is meant by an ARN, bound to who it is now.
 * @throws AwsError InvalidArnException for nobody
 */
async function grantPrincipal(arn: string, principals: KmsPrincipals): Promise<GrantPrincipal> {
  const [, partition, service, , account = '', ...rest] = arn.split(':');
  const resource = rest.join(':');
  const isIam = partition === 'aws' && (service === 'iam' || service === 'sts') && /^\d{12}$/.test(account);
  if (!isIam) throw invalidArn(arn);
  if (/^(?:user|role)\//.test(resource)) {
    const id = await principals.uniqueId(arn);
    if (id === undefined) throw invalidArn(arn);
    return { arn, id };
  }
  const known = resource === 'root' || /^(?:assumed-role|federated-user)\/.+/.test(resource);
  if (!known || !(await principals.accountExists(account))) throw invalidArn(arn);
  return { arn };
}

/**
 * Who gets the grant, or may retire it: somebody by ARN, or a service by name, of which a request names one.
 * @throws AwsError ValidationException, InvalidArnException
 */
export async function namedPrincipal(
  names: { readonly arn: string | undefined; readonly service: string | undefined; readonly as: string },
  principals: KmsPrincipals,
): Promise<GrantPrincipal | undefined> {
  const { arn, service, as } = names;
  if (arn !== undefined && service !== undefined) {
    throw validation(`A grant names a ${as}Principal or a ${as}ServicePrincipal, not both.`);
  }
  if (arn !== undefined) return grantPrincipal(arn, principals);
  if (service === undefined) return undefined;
  if (!service.endsWith('.amazonaws.com'))
    throw validation(`${service} is not the service principal of an AWS service.`);
  return { arn: service };
}

function invalidArn(arn: string): AwsError {
  return new AwsError('InvalidArnException', `ARN does not refer to a valid principal: ${arn}`);
}

/** Whether one set of constraints lets through no more than another. */
export function isAsStrict(inner: GrantConstraints | undefined, outer: GrantConstraints | undefined): boolean {
  if (!outer) return true;
  if (outer.sourceArn !== undefined && inner?.sourceArn !== outer.sourceArn) return false;
  if (outer.equals) {
    const wanted = Object.entries(outer.equals);
    // No context at all is stricter than nothing said: an empty map must be given as well.
    if (inner?.equals === undefined || Object.keys(inner.equals).length !== wanted.length) return false;
    return wanted.every(([name, value]) => inner.equals?.[name] === value);
  }
  const own = inner?.equals ?? inner?.subset;
  return Object.entries(outer.subset ?? {}).every(([name, value]) => own?.[name] === value);
}
