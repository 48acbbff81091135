/** GetServerCertificate, ListServerCertificates, and the tags of server certificates. */
import type {
  GetServerCertificateRequest,
  GetServerCertificateResponse,
  ListServerCertificatesRequest,
  ListServerCertificatesResponse,
  ListServerCertificateTagsRequest,
  ListServerCertificateTagsResponse,
  TagServerCertificateRequest,
  UntagServerCertificateRequest,
} from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { pageOf, pageOfRows } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { certificateCheck, certificateNamed, shownCertificate } from '../server-certificates/find.ts';
import { serverCertificates } from '../server-certificates/state.ts';
import { rowId } from '../state.ts';
import { mergeTags, requestTagValues, tagList, withoutTags } from '../tags.ts';

/** The private key is shown to nobody. */
export const getServerCertificate = operation<GetServerCertificateRequest, GetServerCertificateResponse, IamPorts>({
  checks: async (input, call) => [await certificateCheck(call, 'GetServerCertificate', input.ServerCertificateName)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await certificateNamed(call.change, account, input.ServerCertificateName);
    return {
      ServerCertificate: {
        ServerCertificateMetadata: shownCertificate(account, row),
        CertificateBody: row.body,
        ...(row.chain !== undefined && { CertificateChain: row.chain }),
        Tags: tagList(row.tags),
      },
    };
  },
});

export const listServerCertificates = operation<
  ListServerCertificatesRequest,
  ListServerCertificatesResponse,
  IamPorts
>({
  checks: (_input, call) => [accountCheck(call, 'iam:ListServerCertificates')],
  async handle(input, call) {
    const { account } = call.scope;
    const prefix = input.PathPrefix ?? '/';
    const { items, rest } = await pageOfRows(
      call,
      input,
      (after, limit) => call.change.list(serverCertificates, account, { limit, ...(after !== undefined && { after }) }),
      (row) => row.path.startsWith(prefix),
    );
    return { ServerCertificateMetadataList: items.map((row) => shownCertificate(account, row)), ...rest };
  },
});

export const tagServerCertificate = operation<TagServerCertificateRequest, object, IamPorts>({
  checks: async (input, call) => [
    await certificateCheck(call, 'TagServerCertificate', input.ServerCertificateName, requestTagValues(input.Tags)),
  ],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await certificateNamed(call.change, account, input.ServerCertificateName);
    const tags = mergeTags(row.tags, input.Tags, ports.quotas.tags);
    call.change.put(serverCertificates, account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const untagServerCertificate = operation<UntagServerCertificateRequest, object, IamPorts>({
  checks: async (input, call) => [
    await certificateCheck(call, 'UntagServerCertificate', input.ServerCertificateName, {
      'aws:TagKeys': input.TagKeys,
    }),
  ],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await certificateNamed(call.change, account, input.ServerCertificateName);
    const tags = withoutTags(row.tags, input.TagKeys);
    call.change.put(serverCertificates, account, rowId(row.name), { ...row, tags });
    return {};
  },
});

export const listServerCertificateTags = operation<
  ListServerCertificateTagsRequest,
  ListServerCertificateTagsResponse,
  IamPorts
>({
  checks: async (input, call) => [
    await certificateCheck(call, 'ListServerCertificateTags', input.ServerCertificateName),
  ],
  async handle(input, call) {
    const row = await certificateNamed(call.change, call.scope.account, input.ServerCertificateName);
    const { items, rest } = pageOf(call, input, tagList(row.tags), (tag) => tag.Key);
    return { Tags: items, ...rest };
  },
});
