/** What EC2 asks of IAM, and of the instance that it runs in. */

export interface InstanceProfiles {
  /** The profile with this name or ARN in the account, and the role in it; undefined when there is none. */
  find(
    account: string,
    profile: { readonly name?: string | undefined; readonly arn?: string | undefined },
  ): Promise<{ readonly arn: string; readonly roleArn?: string | undefined } | undefined>;
}

export interface Ec2Ports {
  readonly instanceProfiles: InstanceProfiles;
  readonly regions: readonly string[];
}
