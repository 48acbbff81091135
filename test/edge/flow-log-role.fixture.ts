/** The role that EC2's flow logs write to CloudWatch Logs by. */
import { CreateRoleCommand, type IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';

const allow = (statement: object): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });

/** Answers its ARN. */
export async function makeFlowLogRole(iam: IAMClient): Promise<string> {
  const trust = { Principal: { Service: 'vpc-flow-logs.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'flows', AssumeRolePolicyDocument: allow(trust) }));
  const PolicyDocument = allow({ Action: 'logs:*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'flows', PolicyName: 'write', PolicyDocument }));
  return Role?.Arn ?? '';
}
