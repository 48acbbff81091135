/** The texts of denials, as AWS words them (IAM User Guide, "Troubleshoot access denied error messages"). */
import type { Decision, Layer } from '../engines/policy/types.ts';
import { AwsError, type Caller, type Check, type Sealer } from '../services/service.ts';
import type { Ruling } from './authorize.ts';

const names: Readonly<Record<Layer, string>> = {
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  resource: 'resource-based policy',
  trust: 'resource-based policy',
  key: 'resource-based policy',
  endpoint: 'VPC endpoint policy',
};

/** Layers whose policies have ARNs that the text names. */
const named: ReadonlySet<Layer> = new Set(['identity', 'boundary', 'session', 'scp', 'rcp']);

/** Purpose of the seal on EC2's encoded messages, opened by sts:DecodeAuthorizationMessage. */
const authorizationMessagePurpose = 'authorization-message';

function who(caller: Caller): string {
  const { principal } = caller;
  if (principal.kind === 'anonymous') return 'anonymous';
  return principal.kind === 'service' ? principal.name : principal.arn;
}

function opening(caller: Caller, check: Check): string {
  const { arn, shownAs } = check.resource;
  const quote = check.action.startsWith('s3:') ? '"' : '';
  return (
    `User: ${who(caller)} is not authorized to perform: ${check.action}` +
    ` on ${shownAs ?? `resource: ${quote}${arn}${quote}`}`
  );
}

/**
 * The whole sentence. The policy's ARN follows an explicit deny only where the caller may learn it: inside the
 * account of the resource.
 */
function denialText(caller: Caller, check: Check, decision: Decision): string {
  const sentence = opening(caller, check);
  const layer = names[decision.layer];
  // What KMS says to other accounts of keys that are there and of keys that are not.
  const isOfKey = decision.layer === 'key' || (decision.layer === 'resource' && check.action.startsWith('kms:'));
  if (isOfKey && check.resource.account !== caller.account) {
    return `${sentence} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`;
  }
  if (decision.verdict === 'explicitDeny') {
    const text = `${sentence} with an explicit deny in ${decision.layer === 'identity' ? 'an' : 'a'} ${layer}`;
    const id = decision.statements[0]?.policy.id;
    const insider = check.resource.account === caller.account;
    return insider && id?.startsWith('arn:') && named.has(decision.layer) ? `${text}: ${id}` : text;
  }
  // STS tells nothing of why a trust policy did not allow.
  if (decision.layer === 'trust') return sentence;
  return `${sentence} because no ${layer} allows the ${check.action} action`;
}

function ruleText(ruling: Ruling): string {
  switch (ruling.rule) {
    case 'root-only':
      return ' because only the root user of the account may perform it';
    case 'session-restriction':
      return ' because sessions of this kind may not perform it';
    case 'certificate':
      return ' because the client certificate of this connection stands for another principal';
    case 'unreadable-policy':
      return ' because a policy of the resource cannot be read';
    default:
      return ' because the operation maps to no action';
  }
}

/**
 * IAM does not know such sessions at all, and STS names what they may not call; of all others the rule is told.
 * Source: answers of AWS that users of session tokens report (aws-vault, issues 15 and 1056).
 */
function sessionRefusal({ check }: Ruling, service: string): AwsError | undefined {
  if (service === 'iam') {
    const text = 'The security token included in the request is invalid';
    return new AwsError('InvalidClientTokenId', text, { status: 403 });
  }
  const operation = /^sts:(GetSessionToken|GetFederationToken)$/i.exec(check.action)?.[1];
  return operation
    ? new AwsError('AccessDenied', `Cannot call ${operation} with session credentials`, { status: 403 })
    : undefined;
}

/** The refusal as the service words it. */
export function denied(caller: Caller, ruling: Ruling, sealer: Sealer, service: string, conditions: object): AwsError {
  const { check, decision } = ruling;
  const ofSession = ruling.rule === 'session-restriction' ? sessionRefusal(ruling, service) : undefined;
  if (ofSession) return ofSession;
  const text = ruling.rule ? `${opening(caller, check)}${ruleText(ruling)}` : denialText(caller, check, decision);
  if (service === 'ec2') return unauthorizedOperation(caller, ruling, text, sealer, conditions);
  // S3 gives reasons within the account only: S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors".
  const outsider = caller.account !== check.resource.account;
  return new AwsError('AccessDenied', outsider && service === 's3' ? 'Access Denied' : text, { status: 403 });
}

/** EC2 seals its reasons: EC2 API reference, "Common client error codes", UnauthorizedOperation. */
function unauthorizedOperation(
  caller: Caller,
  ruling: Ruling,
  text: string,
  sealer: Sealer,
  conditions: object,
): AwsError {
  const { principal } = caller;
  const message = JSON.stringify({
    allowed: false,
    explicitDeny: ruling.decision.verdict === 'explicitDeny',
    matchedStatements: {
      items: ruling.decision.statements.map((statement) => ({
        statementId: statement.sid ?? '',
        effect: statement.effect.toUpperCase(),
        policy: statement.policy.id,
      })),
    },
    failures: { items: [] },
    context: {
      principal: { id: 'id' in principal ? principal.id : '', arn: who(caller) },
      action: ruling.check.action,
      resource: ruling.check.resource.arn,
      conditions,
    },
  });
  const encoded = sealer.seal(authorizationMessagePurpose, message);
  return new AwsError(
    'UnauthorizedOperation',
    `You are not authorized to perform this operation. ${text}. Encoded authorization failure message: ${encoded}`,
    { status: 403 },
  );
}
