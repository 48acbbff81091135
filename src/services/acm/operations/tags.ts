/** AddTagsToCertificate, RemoveTagsFromCertificate, ListTagsForCertificate. */
import type {
  AddTagsToCertificateRequest,
  ListTagsForCertificateRequest,
  ListTagsForCertificateResponse,
  RemoveTagsFromCertificateRequest,
} from '@aws-sdk/client-acm';
import { operation } from '../../service.ts';
import { certificateCheck, findCertificate, originOf } from '../find.ts';
import type { AcmPorts } from '../ports.ts';
import { certificates, regional } from '../state.ts';
import { mergeTags, requestTags, tagList, withoutTags } from '../tags.ts';

export const AddTagsToCertificate = operation<AddTagsToCertificateRequest, object, AcmPorts>({
  checks: async (input, call) => [
    await certificateCheck(call, 'AddTagsToCertificate', input.CertificateArn, (row) => ({
      ...originOf(row),
      ...requestTags(input.Tags),
    })),
  ],
  async handle(input, call) {
    const row = await findCertificate(call, input.CertificateArn);
    call.change.put(certificates, regional(row), row.id, { ...row, tags: mergeTags(row.tags, input.Tags) });
    return {};
  },
});

export const RemoveTagsFromCertificate = operation<RemoveTagsFromCertificateRequest, object, AcmPorts>({
  checks: async (input, call) => [
    await certificateCheck(call, 'RemoveTagsFromCertificate', input.CertificateArn, () => requestTags(input.Tags)),
  ],
  async handle(input, call) {
    const row = await findCertificate(call, input.CertificateArn);
    call.change.put(certificates, regional(row), row.id, { ...row, tags: withoutTags(row.tags, input.Tags) });
    return {};
  },
});

export const ListTagsForCertificate = operation<
  ListTagsForCertificateRequest,
  ListTagsForCertificateResponse,
  AcmPorts
>({
  checks: async (input, call) => [await certificateCheck(call, 'ListTagsForCertificate', input.CertificateArn)],
  handle: async (input, call) => ({ Tags: tagList((await findCertificate(call, input.CertificateArn)).tags) }),
});
