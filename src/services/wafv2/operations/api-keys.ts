/**
 * CreateAPIKey, GetDecryptedAPIKey, ListAPIKeys, DeleteAPIKey: keys for pages that show a CAPTCHA. A key is its domains,
 * sealed: nobody can make one, or stretch one to another domain.
 */
import { createHash } from 'node:crypto';
import type {
  CreateAPIKeyRequest,
  CreateAPIKeyResponse,
  DeleteAPIKeyRequest,
  GetDecryptedAPIKeyRequest,
  GetDecryptedAPIKeyResponse,
  ListAPIKeysRequest,
  ListAPIKeysResponse,
} from '@aws-sdk/client-wafv2';
import { type CheckCall, operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { partitionOf, requireScope } from '../entity.ts';
import { invalidResource, limitsExceeded, nonexistentItem } from '../errors.ts';
import { page } from '../pages.ts';
import type { WafPorts } from '../ports.ts';
import { requireTokenDomains } from '../settings.ts';
import { apiKeys, type Scope } from '../state.ts';

const version = 1;

const idOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const purposeOf = (call: CheckCall, scope: Scope): string => `wafv2 api key ${partitionOf(call, scope)}`;

export const CreateAPIKey = operation<CreateAPIKeyRequest, CreateAPIKeyResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'CreateAPIKey')],
  async handle(input, call, { quotas }) {
    requireScope(call, input.Scope);
    requireTokenDomains(input.TokenDomains, quotas.tokenDomainsPerApiKey);
    const partition = partitionOf(call, input.Scope);
    const present = await call.change.list(apiKeys, partition, { limit: quotas.apiKeys });
    if (present.length >= quotas.apiKeys) throw limitsExceeded('API_KEY');
    const content = JSON.stringify({ version, domains: input.TokenDomains, createdAt: call.now });
    const key = call.sealer.seal(purposeOf(call, input.Scope), content);
    call.change.put(apiKeys, partition, idOf(key), { key, domains: input.TokenDomains, createdAt: call.now });
    return { APIKey: key };
  },
  record: { hide: ['responseElements.aPIKey', 'APIKey'] },
});

export const GetDecryptedAPIKey = operation<GetDecryptedAPIKeyRequest, GetDecryptedAPIKeyResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'GetDecryptedAPIKey')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    const opened = call.sealer.open(purposeOf(call, input.Scope), input.APIKey);
    if (!opened) throw invalidResource();
    const row = await call.change.get(apiKeys, partitionOf(call, input.Scope), idOf(input.APIKey));
    if (!row) throw nonexistentItem();
    return { TokenDomains: [...row.domains], CreationTimestamp: new Date(row.createdAt) };
  },
  record: { hide: ['APIKey'] },
});

export const ListAPIKeys = operation<ListAPIKeysRequest, ListAPIKeysResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListAPIKeys')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    const { rows, rest } = await page(call, input, input.Scope, (after, limit) =>
      call.change.list(apiKeys, partitionOf(call, input.Scope), { limit, ...(after !== undefined && { after }) }),
    );
    return {
      APIKeySummaries: rows.map(({ value }) => ({
        TokenDomains: [...value.domains],
        APIKey: value.key,
        CreationTimestamp: new Date(value.createdAt),
        Version: version,
      })),
      ...rest,
    };
  },
});

export const DeleteAPIKey = operation<DeleteAPIKeyRequest, object, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'DeleteAPIKey')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    const partition = partitionOf(call, input.Scope);
    if (!(await call.change.get(apiKeys, partition, idOf(input.APIKey)))) throw nonexistentItem();
    call.change.delete(apiKeys, partition, idOf(input.APIKey));
    return {};
  },
  record: { hide: ['APIKey'] },
});
