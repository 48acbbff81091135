/** Chapter 1: the owner opens an account, and the account comes with its root user. */
import {
  AcceptPrimaryEmailUpdateCommand,
  AccountClient,
  GetPrimaryEmailCommand,
  StartPrimaryEmailUpdateCommand,
} from '@aws-sdk/client-account';
import { CloudTrailClient, CreateTrailCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  AddUserToGroupCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeleteRoleCommand,
  DeleteUserCommand,
  GetAccountSummaryCommand,
  GetUserCommand,
  ListMFADevicesCommand,
  ListUsersCommand,
  PutGroupPolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { CreateBucketCommand, DeleteBucketCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { Authenticator, enableDevice } from '../../support/authenticator.ts';
import { rootForm, signIn } from '../../support/sign-in.ts';
import { type Chapter, check, denied, equal, fails, Person, policy, type Shop, step } from './lab.ts';
import { newestCode } from './mail.ts';
import { startSupportPlanUpdate } from './support-plan.ts';

/** What the owner's phone is called in the account. */
const phone = 'root-account-mfa-device';

/** By the shop's clock. */
const now = (shop: Shop): number => Date.now() + Number(shop.notes.get('advanced') ?? 0) * 1000;

const adminPolicy = 'arn:aws:iam::aws:policy/AdministratorAccess';

export const owner: Chapter = {
  title: 'The owner opens an account',
  steps: [
    step('M-023 M-042', 'the owner of the coffee shop is the root user of its account', async (shop) => {
      const { Arn, UserId, Account } = await shop.person('owner').sts.send(new GetCallerIdentityCommand({}));
      equal(Arn, `arn:aws:iam::${shop.accountId}:root`);
      equal(UserId, shop.accountId);
      equal(Account, shop.accountId);
    }),
    step('M-029 M-030 M-043', 'the owner turns on MFA at once: the password alone no longer signs in', async (shop) => {
      const before = await signIn(shop.endpoint, 'SignInRootUser', rootForm);
      equal(before.status, 200);
      const { iam } = shop.person('owner');
      // Codes of the last minute, so that the one that the phone shows now is still unused.
      const { serial, app } = await enableDevice(iam, shop.accountId, () => now(shop) - 30_000, phone);
      shop.notes.set('serial', serial);
      shop.notes.set('seed', app.seed);
      const { MFADevices } = await iam.send(new ListMFADevicesCommand({}));
      equal(MFADevices?.[0]?.SerialNumber, shop.arn(`mfa/${phone}`));
      equal((await iam.send(new GetAccountSummaryCommand({}))).SummaryMap?.AccountMFAEnabled, 1);
      const alone = await signIn(shop.endpoint, 'SignInRootUser', rootForm);
      equal(alone.code, 'MfaRequiredException');
      equal(alone.keys.sessionToken, '');
    }),
    step(
      'M-029 M-033',
      'the code on the owner’s phone signs in, once: a thief who saw it comes too late',
      async (shop) => {
        const app = new Authenticator(shop.note('seed'));
        const attempt = (MfaCode: string) => signIn(shop.endpoint, 'SignInRootUser', { ...rootForm, MfaCode });
        equal((await attempt(app.wrong(now(shop)))).code, 'AccessDeniedException');
        const code = app.code(now(shop));
        const { status, keys } = await attempt(code);
        equal(status, 200);
        const { Arn } = await new Person(shop.endpoint, keys).sts.send(new GetCallerIdentityCommand({}));
        equal(Arn, shop.arn('root'));
        equal((await attempt(code)).code, 'AccessDeniedException');
      },
    ),
    step('M-035', 'at the command line a session with a code may call IAM, and one without may not', async (shop) => {
      const { sts } = shop.person('owner');
      const session = async (given: { SerialNumber?: string; TokenCode?: string }) => {
        const { Credentials } = await sts.send(new GetSessionTokenCommand(given));
        return new Person(shop.endpoint, {
          accessKeyId: Credentials?.AccessKeyId ?? '',
          secretAccessKey: Credentials?.SecretAccessKey ?? '',
          sessionToken: Credentials?.SessionToken ?? '',
        });
      };
      await fails((await session({})).iam.send(new ListUsersCommand({})), 'InvalidClientTokenId');
      const TokenCode = new Authenticator(shop.note('seed')).code(now(shop), 1);
      const given = { SerialNumber: shop.note('serial'), TokenCode };
      await (await session(given)).iam.send(new ListUsersCommand({}));
      await denied(session(given), 'invalid MFA one time pass code');
    }),
    step('M-044', 'one account, and no organization yet', async (shop) => {
      const client = new OrganizationsClient(shop.person('owner').options);
      await fails(client.send(new DescribeOrganizationCommand({})), 'AWSOrganizationsNotInUseException');
    }),
    step('M-025', 'the root user may do anything in every service, with no policy attached', async (shop) => {
      const { iam, s3, options } = shop.person('owner');
      await iam.send(new CreateGroupCommand({ GroupName: 'Trial' }));
      await iam.send(new DeleteGroupCommand({ GroupName: 'Trial' }));
      await s3.send(new CreateBucketCommand({ Bucket: 'coffee-shop-trial' }));
      await s3.send(new DeleteBucketCommand({ Bucket: 'coffee-shop-trial' }));
      const trail = new CloudTrailClient(options);
      await fails(
        trail.send(new CreateTrailCommand({ Name: 'trial', S3BucketName: 'no-such-bucket-of-ours' })),
        'S3BucketDoesNotExistException',
      );
      await fails(new EC2Client(options).send(new DescribeInstancesCommand({ DryRun: true })), 'DryRunOperation');
      await startSupportPlanUpdate(shop.person('owner'), 'BUSINESS');
    }),
    step('M-039', 'the root user makes the first IAM user: an administrator', async (shop) => {
      const { iam } = shop.person('owner');
      await iam.send(new CreateUserCommand({ UserName: 'manager' }));
      await iam.send(new AttachUserPolicyCommand({ UserName: 'manager', PolicyArn: adminPolicy }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'manager' }));
      shop.hire('manager', {
        accessKeyId: AccessKey?.AccessKeyId ?? '',
        secretAccessKey: AccessKey?.SecretAccessKey ?? '',
      });
      const { Arn } = await shop.person('manager').sts.send(new GetCallerIdentityCommand({}));
      equal(Arn, shop.arn('user/manager'));
    }),
    step('M-039 M-046', 'the administrator makes Rudy; Rudy can make nobody', async (shop) => {
      const { iam } = shop.person('manager');
      await iam.send(new CreateUserCommand({ UserName: 'rudy' }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'rudy' }));
      const rudy = shop.hire('rudy', {
        accessKeyId: AccessKey?.AccessKeyId ?? '',
        secretAccessKey: AccessKey?.SecretAccessKey ?? '',
      });
      await denied(rudy.iam.send(new CreateUserCommand({ UserName: 'friend' })), 'iam:CreateUser');
    }),
    step('M-026', 'what others made in the account is the root user’s as well', async (shop) => {
      await shop.person('manager').s3.send(new CreateBucketCommand({ Bucket: 'coffee-shop-managers-own' }));
      await shop.person('owner').s3.send(new DeleteBucketCommand({ Bucket: 'coffee-shop-managers-own' }));
      await shop.person('manager').iam.send(new CreateUserCommand({ UserName: 'summer-help' }));
      await shop.person('owner').iam.send(new DeleteUserCommand({ UserName: 'summer-help' }));
    }),
    step('M-027', 'no policy and no boundary reaches the root user', async (shop) => {
      const { iam } = shop.person('manager');
      const deny = policy('Deny', '*', '*');
      await fails(
        iam.send(new PutUserPolicyCommand({ UserName: 'root', PolicyName: 'no', PolicyDocument: deny })),
        'NoSuchEntity',
      );
      await fails(
        iam.send(new AttachUserPolicyCommand({ UserName: shop.arn('root'), PolicyArn: adminPolicy })),
        'ValidationError',
      );
      await fails(
        iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'root', PermissionsBoundary: adminPolicy })),
        'NoSuchEntity',
      );
      await iam.send(new CreateGroupCommand({ GroupName: 'Nothing' }));
      await iam.send(new PutGroupPolicyCommand({ GroupName: 'Nothing', PolicyName: 'no', PolicyDocument: deny }));
      await fails(iam.send(new AddUserToGroupCommand({ GroupName: 'Nothing', UserName: 'root' })), 'NoSuchEntity');
      await iam.send(new DeleteGroupPolicyCommand({ GroupName: 'Nothing', PolicyName: 'no' }));
      await iam.send(new DeleteGroupCommand({ GroupName: 'Nothing' }));
      await shop.person('owner').iam.send(new ListUsersCommand({}));
    }),
    step('M-028', 'the root user is no IAM user, and a user named root is not the root user', async (shop) => {
      const { iam } = shop.person('manager');
      const before = await iam.send(new ListUsersCommand({}));
      check(
        !before.Users?.some((user) => user.UserName === 'root' || user.Arn?.endsWith(':root')),
        'ListUsers shows root',
      );
      await iam.send(new CreateUserCommand({ UserName: 'root' }));
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'root' }));
      const pretender = shop.hire('a user named root', {
        accessKeyId: AccessKey?.AccessKeyId ?? '',
        secretAccessKey: AccessKey?.SecretAccessKey ?? '',
      });
      await denied(pretender.iam.send(new ListUsersCommand({})));
      await denied(pretender.iam.send(new GetUserCommand({ UserName: 'rudy' })));
    }),
    step('M-040', 'only the root user changes the root email: the code goes to the new mailbox', async (shop) => {
      const mine = new AccountClient(shop.person('owner').options);
      const managers = new AccountClient(shop.person('manager').options);
      const AccountId = shop.accountId;
      const PrimaryEmail = 'beans@coffee.example';
      await denied(managers.send(new StartPrimaryEmailUpdateCommand({ AccountId, PrimaryEmail })));
      await mine.send(new StartPrimaryEmailUpdateCommand({ AccountId, PrimaryEmail }));
      const Otp = await newestCode(shop.dataDir, PrimaryEmail);
      const wrong = Otp === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA';
      let refused = false;
      await mine.send(new AcceptPrimaryEmailUpdateCommand({ AccountId, PrimaryEmail, Otp: wrong })).catch(() => {
        refused = true;
      });
      check(refused, 'a wrong code was accepted');
      await mine.send(new AcceptPrimaryEmailUpdateCommand({ AccountId, PrimaryEmail, Otp }));
      equal((await mine.send(new GetPrimaryEmailCommand({ AccountId }))).PrimaryEmail, PrimaryEmail);
    }),
    step('M-041', 'only the root user changes the support plan', async (shop) => {
      await denied(startSupportPlanUpdate(shop.person('manager'), 'DEVELOPER'));
      await startSupportPlanUpdate(shop.person('owner'), 'DEVELOPER');
    }),
    step('M-025 M-080', 'the root user assumes no role', async (shop) => {
      const { iam, sts } = shop.person('owner');
      const trust = JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${shop.accountId}:root` },
          Action: 'sts:AssumeRole',
        },
      });
      const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'Trial', AssumeRolePolicyDocument: trust }));
      const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
      await denied(sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'owner' })), 'root');
      await iam.send(new DeleteRoleCommand({ RoleName: 'Trial' }));
    }),
  ],
};
