/** M-044: a fresh account belongs to no organization, and only those may know who are allowed to ask. */
import { DescribeOrganizationCommand, ListAccountsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;

beforeAll(async () => {
  instance = await startInstance();
});

afterAll(() => instance.stop());

test('M-044 there is no organization', async () => {
  const admin = new OrganizationsClient(instance.clientOptions());
  await expect(admin.send(new DescribeOrganizationCommand({}))).rejects.toMatchObject({
    name: 'AWSOrganizationsNotInUseException',
    message: 'Your account is not a member of an organization.',
    $metadata: { httpStatusCode: 400 },
  });
  await expect(admin.send(new ListAccountsCommand({}))).rejects.toMatchObject({ name: 'NotImplemented' });
  admin.destroy();
  const nobody = new OrganizationsClient(instance.clientOptions(nobodyKeys));
  await expect(nobody.send(new DescribeOrganizationCommand({}))).rejects.toMatchObject({
    name: 'AccessDeniedException',
  });
  nobody.destroy();
});
