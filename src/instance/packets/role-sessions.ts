/** Sessions of roles that a service assumes for its work: the role's trust policy decides, as it does for anybody. */
import type { Credentials } from '../../gateway/ports.ts';
import { type Actor, AwsError, type Caller } from '../../services/service.ts';

const service = 'vpc-flow-logs.amazonaws.com';

/** Answers undefined where the role does not trust the service. */
export function roleSessions(
  actor: Actor,
  credentials: Credentials,
  region: string,
  now: () => number,
): (roleArn: string) => Promise<Caller | undefined> {
  return async (roleArn) => {
    try {
      const input = { RoleArn: roleArn, RoleSessionName: 'flow-logs' };
      const answer = await actor.call({ as: 'service', name: service, region }, 'sts', 'AssumeRole', input);
      const { Credentials: keys } = answer as { Credentials?: { AccessKeyId: string; SessionToken: string } };
      const found = keys && (await credentials.find(keys.AccessKeyId, keys.SessionToken, now()));
      return typeof found === 'object' ? found.caller : undefined;
    } catch (error) {
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  };
}
