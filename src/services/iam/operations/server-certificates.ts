/** UploadServerCertificate, UpdateServerCertificate and DeleteServerCertificate. */
import type {
  DeleteServerCertificateRequest,
  UpdateServerCertificateRequest,
  UploadServerCertificateRequest,
  UploadServerCertificateResponse,
} from '@aws-sdk/client-iam';
import { type Check, operation } from '../../service.ts';
import { alreadyExists, deleteConflict, quotaExceeded, unmodifiable } from '../errors.ts';
import { uniqueId } from '../ids.ts';
import type { IamPorts } from '../ports.ts';
import { certificateCheck, certificateNamed, shownCertificate } from '../server-certificates/find.ts';
import { checkCertificate } from '../server-certificates/pem.ts';
import { type ServerCertificateRow, serverCertificateArn, serverCertificates } from '../server-certificates/state.ts';
import { rowId } from '../state.ts';
import { newTags, requestTagValues, tagList } from '../tags.ts';

export const uploadServerCertificate = operation<
  UploadServerCertificateRequest,
  UploadServerCertificateResponse,
  IamPorts
>({
  record: { hide: ['PrivateKey'] },
  checks(input, call) {
    const { account } = call.scope;
    const { Path: path = '/', ServerCertificateName: name, Tags } = input;
    const resource = { arn: serverCertificateArn(account, path, name), account };
    const context = requestTagValues(Tags);
    const checks: Check[] = [{ action: 'iam:UploadServerCertificate', resource, context }];
    if (Tags?.length) checks.push({ action: 'iam:TagServerCertificate', resource, context });
    return checks;
  },
  async handle(input, call, ports) {
    const { account } = call.scope;
    const { ServerCertificateName: name, CertificateBody: body, PrivateKey: privateKey, CertificateChain } = input;
    if (await call.change.get(serverCertificates, account, rowId(name))) {
      throw alreadyExists('Server Certificate', name);
    }
    const most = ports.quotas.serverCertificates;
    if ((await call.change.list(serverCertificates, account, { limit: most })).length >= most) {
      throw quotaExceeded('ServerCertificatesPerAccount', most);
    }
    const chain = CertificateChain === undefined ? {} : { chain: CertificateChain.trim() };
    const row: ServerCertificateRow = {
      id: uniqueId('ASCA', call.random),
      name,
      path: input.Path ?? '/',
      uploadedAt: call.now,
      expiresAt: checkCertificate({ body, privateKey, ...chain }, call.now),
      body: body.trim(),
      ...chain,
      privateKey,
      tags: newTags(input.Tags, ports.quotas.tags),
    };
    call.change.put(serverCertificates, account, rowId(name), row);
    return {
      ServerCertificateMetadata: shownCertificate(account, row),
      ...(input.Tags?.length && { Tags: tagList(row.tags) }),
    };
  },
});

/** Another name or path makes another ARN: what uses the certificate would lose it. */
export const updateServerCertificate = operation<UpdateServerCertificateRequest, object, IamPorts>({
  async checks(input, call) {
    const checks = [await certificateCheck(call, 'UpdateServerCertificate', input.ServerCertificateName)];
    const name = input.NewServerCertificateName ?? input.ServerCertificateName;
    const { account } = call.scope;
    const row = await call.change.get(serverCertificates, account, rowId(input.ServerCertificateName));
    const arn = serverCertificateArn(account, input.NewPath ?? row?.path ?? '/', name);
    if (arn !== checks[0]?.resource.arn) {
      checks.push({
        action: 'iam:UpdateServerCertificate',
        resource: { arn, account, ...(row && { tags: row.tags }) },
      });
    }
    return checks;
  },
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await certificateNamed(call.change, account, input.ServerCertificateName);
    const name = input.NewServerCertificateName ?? row.name;
    const path = input.NewPath ?? row.path;
    if (rowId(name) !== rowId(row.name) && (await call.change.get(serverCertificates, account, rowId(name)))) {
      throw alreadyExists('Server Certificate', name);
    }
    const arn = serverCertificateArn(account, row.path, row.name);
    const [user] = await ports.certificateUsers(call.change, arn);
    if (user !== undefined && arn !== serverCertificateArn(account, path, name)) {
      throw unmodifiable(`Certificate: ${row.id} is currently in use by ${user}. Please remove it first.`);
    }
    call.change.delete(serverCertificates, account, rowId(row.name));
    call.change.put(serverCertificates, account, rowId(name), { ...row, name, path });
    return {};
  },
});

export const deleteServerCertificate = operation<DeleteServerCertificateRequest, object, IamPorts>({
  checks: async (input, call) => [await certificateCheck(call, 'DeleteServerCertificate', input.ServerCertificateName)],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await certificateNamed(call.change, account, input.ServerCertificateName);
    const [user] = await ports.certificateUsers(call.change, serverCertificateArn(account, row.path, row.name));
    if (user !== undefined) {
      throw deleteConflict(
        `Certificate: ${row.id} is currently in use by ${user}. Please remove it first before deleting it from IAM.`,
      );
    }
    call.change.delete(serverCertificates, account, rowId(row.name));
    return {};
  },
});
