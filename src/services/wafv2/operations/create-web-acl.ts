/** CreateWebACL, UpdateWebACL, DeleteWebACL: rules are checked whole before anything changes. */
import type {
  ApplicationConfig,
  CreateWebACLRequest,
  CreateWebACLResponse,
  DeleteWebACLRequest,
  UpdateWebACLRequest,
  UpdateWebACLResponse,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { arnOf } from '../arns.ts';
import { creationChecks, entityCheck, referenceChecks } from '../checks.ts';
import { find, newEntity, remove, requireLock, store, updated } from '../entity.ts';
import { associatedItem, invalidParameter, reasons } from '../errors.ts';
import { forgetLogging } from '../logging/configuration.ts';
import type { WafPorts } from '../ports.ts';
import { forgetAssociations, protectedBy } from '../protected-resource.ts';
import { noteReferences } from '../references.ts';
import { readWebAcl } from '../rules.ts';
import { webAclSettings } from '../settings.ts';
import { type Settings, tokenKeys, type WebAclRow, webAcls } from '../state.ts';
import { readRules, storeRules } from '../stored-rules.ts';
import { summary } from '../summaries.ts';

/** Where a web ACL's secret for tokens lies. */
const tokenKeyId = 'token-key';

export const CreateWebACL = operation<CreateWebACLRequest, CreateWebACLResponse, WafPorts>({
  checks: async (input, call) => [
    ...creationChecks(call, 'CreateWebACL', 'webacl', input),
    ...(await referenceChecks(call, 'CreateWebACL', input.Scope, input.Rules)),
  ],
  async handle(input, call, { quotas }) {
    const entity = await newEntity(call, webAcls, input, { most: quotas.webAcls, sourceType: 'WEB_ACL' });
    const arn = arnOf('webacl', entity);
    const capacity = await readWebAcl(call, entity, input, quotas);
    const row: WebAclRow = {
      ...entity,
      capacity,
      rules: storeRules(input.Rules),
      settings: webAclSettings(input),
    };
    store(call, webAcls, row);
    call.change.put(tokenKeys, arn, tokenKeyId, { key: Buffer.from(call.random.bytes(32)).toString('base64') });
    noteReferences(call, arn, [], input.Rules);
    return { Summary: summary('webacl', row) };
  },
});

export const UpdateWebACL = operation<UpdateWebACLRequest, UpdateWebACLResponse, WafPorts>({
  checks: async (input, call) => [
    await entityCheck(call, 'UpdateWebACL', 'webacl', input),
    ...(await referenceChecks(call, 'UpdateWebACL', input.Scope, input.Rules)),
  ],
  async handle(input, call, { quotas }) {
    const row = await find(call, webAcls, input);
    requireLock(row, input.LockToken);
    const arn = arnOf('webacl', row);
    const capacity = await readWebAcl(call, row, input, quotas);
    const after: WebAclRow = {
      ...updated(call, row, input.Description),
      capacity,
      rules: storeRules(input.Rules),
      settings: { ...webAclSettings(input), ...keptAttributes(row, input.ApplicationConfig) },
    };
    store(call, webAcls, after);
    noteReferences(call, arn, readRules(row.rules), input.Rules);
    return { NextLockToken: after.lockToken };
  },
});

/**
 * "If you omit ApplicationConfig from the request, all existing entries in the web ACL are retained. If you include
 * ApplicationConfig, entries must match the existing values exactly."
 * @throws AwsError WAFInvalidParameterException
 */
function keptAttributes(row: WebAclRow, given: ApplicationConfig | undefined): Settings {
  const before = row.settings.ApplicationConfig as ApplicationConfig | undefined;
  if (given && attributesOf(given) !== attributesOf(before)) {
    throw invalidParameter('WEB_ACL', 'ApplicationConfig', reasons.notAllowed);
  }
  return before === undefined ? {} : { ApplicationConfig: before };
}

const attributesOf = (config: ApplicationConfig | undefined): string =>
  JSON.stringify((config?.Attributes ?? []).map(({ Name, Values }) => [Name, Values]));

export const DeleteWebACL = operation<DeleteWebACLRequest, object, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'DeleteWebACL', 'webacl', input)],
  async handle(input, call, ports) {
    const row = await find(call, webAcls, input);
    requireLock(row, input.LockToken);
    const arn = arnOf('webacl', row);
    const inUse =
      row.scope === 'CLOUDFRONT'
        ? await ports.resources.isUsedByDistribution(call.change, arn)
        : (await protectedBy(call, arn, ports)).length > 0;
    if (inUse) throw associatedItem();
    await forgetAssociations(call, arn);
    noteReferences(call, arn, readRules(row.rules), []);
    await forgetLogging(call, row);
    call.change.delete(tokenKeys, arn, tokenKeyId);
    remove(call, webAcls, row);
    return {};
  },
});
