/** The transforms of rules: one that rewrites the host header and one that rewrites the URL, at most. */
import type { RewriteConfig, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { compileRewrite, RewriteFault } from '../../../engines/text/rewrite.ts';
import { validation } from '../errors.ts';
import { invalidRegex, requireRegex } from './regexes.ts';

const members = { 'host-header-rewrite': 'HostHeaderRewriteConfig', 'url-rewrite': 'UrlRewriteConfig' } as const;
const longest = 1024;

/** @throws AwsError ValidationError */
export function readTransforms(given: readonly RuleTransform[] = []): RuleTransform[] {
  const seen = new Set<string>();
  return given.map((transform) => {
    const { Type } = transform;
    if (Type === undefined) throw validation('A transform type must be specified');
    if (seen.has(Type)) throw validation(`A rule can only have one '${Type}' transform`);
    seen.add(Type);
    for (const [type, member] of Object.entries(members)) {
      if (type !== Type && transform[member] !== undefined) {
        throw validation(`The '${member}' field is not compatible with '${Type}'`);
      }
    }
    const member = members[Type];
    const rewrites = transform[member]?.Rewrites ?? [];
    if (rewrites.length !== 1) throw validation(`A '${member}' with one rewrite must be specified with '${Type}'`);
    return { Type, [member]: { Rewrites: rewrites.map(readRewrite) } };
  });
}

function readRewrite({ Regex = '', Replace = '' }: RewriteConfig): RewriteConfig {
  requireRegex(Regex, longest);
  if (Replace.length > longest) throw validation(`The 'Replace' value is too long; the limit is '${longest}'`);
  // Line breaks would begin another header at the target.
  if (!/^[\x20-\x7e]*$/.test(Replace)) throw validation(`The 'Replace' value '${Replace}' is not valid`);
  try {
    compileRewrite(Regex, Replace);
  } catch (error) {
    if (error instanceof RewriteFault) throw invalidRegex(Regex);
    throw error;
  }
  return { Regex, Replace };
}
