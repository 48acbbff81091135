/** The role by which flow logs reach CloudWatch Logs. */
import { CreateRoleCommand, type IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';

/** @returns its ARN */
export async function flowLogRole(iam: IAMClient): Promise<string> {
  const allow = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'flows',
      AssumeRolePolicyDocument: allow({
        Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
        Action: 'sts:AssumeRole',
      }),
    }),
  );
  const PolicyDocument = allow({ Action: 'logs:*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'flows', PolicyName: 'write', PolicyDocument }));
  return Role?.Arn ?? '';
}
