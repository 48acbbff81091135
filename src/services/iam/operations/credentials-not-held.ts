/**
 * Lists of the kinds of credentials that no user can have here yet, as the operations that would make them are not
 * built: so there are none, and the list says so. Clients ask for them before they delete a user.
 */
import type {
  ListServiceSpecificCredentialsRequest,
  ListServiceSpecificCredentialsResponse,
  ListSigningCertificatesRequest,
  ListSigningCertificatesResponse,
  ListSSHPublicKeysRequest,
  ListSSHPublicKeysResponse,
} from '@aws-sdk/client-iam';
import { type Call, type CheckCall, operation } from '../../service.ts';
import { subjectCheck } from '../checks.ts';
import { subjectOf } from '../entities.ts';
import { type PageRequest, pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { keyHolder } from './access-keys.ts';

type Input = PageRequest & { readonly UserName?: string | undefined };

const checks = (action: string) => async (input: Input, call: CheckCall) => [
  await subjectCheck(call, action, subjectOf(call, input.UserName)),
];

/** @throws AwsError NoSuchEntity without the user, ValidationError for a marker: there is one page. */
async function none(input: Input, call: Call) {
  await keyHolder(call.change, call.scope.account, subjectOf(call, input.UserName));
  return pageOf<never>(call, input, [], (item) => item);
}

export const listSSHPublicKeys = operation<ListSSHPublicKeysRequest, ListSSHPublicKeysResponse, IamPorts>({
  checks: checks('iam:ListSSHPublicKeys'),
  async handle(input, call) {
    const { items, rest } = await none(input, call);
    return { SSHPublicKeys: [...items], ...rest };
  },
});

export const listSigningCertificates = operation<
  ListSigningCertificatesRequest,
  ListSigningCertificatesResponse,
  IamPorts
>({
  checks: checks('iam:ListSigningCertificates'),
  async handle(input, call) {
    const { items, rest } = await none(input, call);
    return { Certificates: [...items], ...rest };
  },
});

export const listServiceSpecificCredentials = operation<
  ListServiceSpecificCredentialsRequest,
  ListServiceSpecificCredentialsResponse,
  IamPorts
>({
  checks: checks('iam:ListServiceSpecificCredentials'),
  async handle(input, call) {
    const { items } = await none(input, call);
    return { ServiceSpecificCredentials: [...items] };
  },
});
