/** RunInstances: decided in full, and then honest about there being no hosts to run anything on. */
import type { Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { AwsError, operation } from '../../service.ts';
import { withoutHosts } from '../dry-run.ts';
import { launchChecks, namedProfile } from '../launch-checks.ts';
import type { Ec2Ports } from '../ports.ts';

export const RunInstances = operation<RunInstancesRequest, Reservation, Ec2Ports>({
  record: { hide: ['UserData'] },
  checks: (input, call, ports) => launchChecks(input as RunInstancesRequest, call, ports),
  async handle(input, call, ports) {
    if (input.ImageId === undefined && input.LaunchTemplate === undefined) {
      throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId', { status: 400 });
    }
    const { MinCount: least, MaxCount: most } = input as { MinCount: number; MaxCount: number };
    if (least < 1 || most < least) {
      throw new AwsError(
        'InvalidParameterValue',
        `Value (${least < 1 ? least : most}) for parameter ${least < 1 ? 'minCount' : 'maxCount'} is invalid.`,
        { status: 400 },
      );
    }
    const profile = await namedProfile(input as RunInstancesRequest, call, ports);
    if (profile && profile.arn === undefined) {
      const { Name: name, Arn: arn } = input.IamInstanceProfile ?? {};
      throw new AwsError(
        'InvalidParameterValue',
        name === undefined
          ? `Value (${arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`
          : `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
        { status: 400 },
      );
    }
    throw withoutHosts('RunInstances', input.DryRun);
  },
});
