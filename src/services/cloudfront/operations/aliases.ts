/** AssociateAlias, which moves a name between distributions of an account, and ListConflictingAliases. */
import type {
  AssociateAliasRequest,
  ConflictingAlias,
  ListConflictingAliasesRequest,
  ListConflictingAliasesResult,
} from '@aws-sdk/client-cloudfront';
import { operation } from '../../service.ts';
import { on } from '../checks.ts';
import { itemsOf, listOf } from '../configuration/lists.ts';
import { acceptAliases, acceptCertificate, isAlias } from '../configuration/viewers.ts';
import { illegalUpdate, invalid } from '../errors.ts';
import { findDistribution } from '../find.ts';
import { newId } from '../identifiers.ts';
import { pageOf } from '../pages.ts';
import { place } from '../placing.ts';
import type { CloudFrontPorts } from '../ports.ts';
import { aliases, type DistributionRow, distributions } from '../state.ts';

export const AssociateAlias = operation<AssociateAliasRequest, object, CloudFrontPorts>({
  checks: async (input, call) => [await on(call, input.TargetDistributionId)],
  async handle(input, call, ports) {
    const { change, now, random } = call;
    const name = input.Alias.toLowerCase();
    const target = await findDistribution(call, input.TargetDistributionId);
    const held = itemsOf(target.config.Aliases);
    if (held.some((one) => one.toLowerCase() === name)) return {};
    const names = acceptAliases([...held, input.Alias]);
    // The certificate of the target has to be good for the name that comes.
    await acceptCertificate(target.config.ViewerCertificate, names, call, ports);
    const changed = (row: DistributionRow, all: readonly string[]): DistributionRow => ({
      ...row,
      config: { ...row.config, Aliases: listOf(all) },
      etag: newId(random),
      modifiedAt: now,
    });
    const holder = await change.get(aliases, '', name);
    if (holder) {
      const source = await change.get(distributions, holder.account, holder.id);
      if (source?.account !== target.account) {
        throw illegalUpdate('The name belongs to a distribution of another account, which must give it up first.');
      }
      const left = itemsOf(source.config.Aliases).filter((one) => one.toLowerCase() !== name);
      await place(call, source, changed(source, left));
    }
    await place(call, target, changed(target, names));
    return {};
  },
});

export const ListConflictingAliases = operation<
  ListConflictingAliasesRequest,
  ListConflictingAliasesResult,
  CloudFrontPorts
>({
  checks: async (input, call) => [await on(call, input.DistributionId)],
  async handle(input, call, ports) {
    const row = await findDistribution(call, input.DistributionId);
    const alias = input.Alias.toLowerCase();
    if (!isAlias(alias)) throw invalid('The parameter Alias is not valid.');
    // Whoever asks has to show a certificate for the name: others are not told who holds it.
    await acceptCertificate(row.config.ViewerCertificate, [alias], call, ports);
    const found: ConflictingAlias[] = [];
    for (const { id: name, value } of await call.change.list(aliases, '')) {
      const isOther = value.account !== row.account || value.id !== row.id;
      const isSame = name === alias || covers(name, alias) || covers(alias, name);
      if (isOther && isSame) found.push({ Alias: name, ...partly(value, row.account) });
    }
    const { items, head } = pageOf(call, input, found, ({ Alias }) => Alias ?? '');
    const { NextMarker, MaxItems, Quantity } = head;
    return {
      ConflictingAliasesList: {
        MaxItems,
        Quantity,
        ...(NextMarker !== undefined && { NextMarker }),
        ...(items.length > 0 && { Items: [...items] }),
      },
    };
  },
});

/** "Partially hidden": enough to know one's own by, and too little to learn another's. */
function partly({ account, id }: { readonly account: string; readonly id: string }, own: string) {
  const hidden = (text: string): string => `${'*'.repeat(text.length - 6)}${text.slice(-6)}`;
  return account === own
    ? { DistributionId: id, AccountId: account }
    : { DistributionId: hidden(id), AccountId: hidden(account) };
}

const covers = (wild: string, name: string): boolean => wild.startsWith('*.') && name.endsWith(wild.slice(1));
