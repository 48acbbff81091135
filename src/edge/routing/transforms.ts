/** Rewrites of host and URL that a rule asks for, before the request goes to its target. */
import type { RewriteConfig, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { compileRewrite, RewriteFault } from '../../engines/text/rewrite.ts';

interface Rewritten {
  readonly host: string;
  readonly target: string;
}

export type Transform = (request: Rewritten) => Rewritten | undefined;

/** Bounds what is searched, and what a replacement can make of a request. */
const longest = 8 * 1024;

type TextRewrite = (text: string) => string;

/** Of no request. */
const nothing: Transform = () => undefined;

/**
 * @returns undefined where nothing is rewritten; the transform answers undefined for what would be no request, and for
 * every request where an expression cannot be understood
 */
export function compileTransforms(transforms: readonly RuleTransform[]): Transform | undefined {
  if (transforms.length === 0) return undefined;
  try {
    return compiled(transforms);
  } catch (error) {
    if (error instanceof RewriteFault) return nothing;
    throw error;
  }
}

function compiled(transforms: readonly RuleTransform[]): Transform {
  const hosts: TextRewrite[] = [];
  const urls: TextRewrite[] = [];
  for (const { Type, HostHeaderRewriteConfig, UrlRewriteConfig } of transforms) {
    if (Type === 'host-header-rewrite') hosts.push(...rewrites(HostHeaderRewriteConfig?.Rewrites));
    else if (Type === 'url-rewrite') urls.push(...rewrites(UrlRewriteConfig?.Rewrites));
  }
  return ({ host, target }) => {
    if (target.length > longest) return undefined;
    const rewritten = { host: apply(hosts, host), target: apply(urls, target) };
    const isRequest = /^\/[!"$-~]*$/.test(rewritten.target) && /^[\w.~:[\]-]{1,255}$/.test(rewritten.host);
    return isRequest && rewritten.target.length <= longest ? rewritten : undefined;
  };
}

function rewrites(configs: readonly RewriteConfig[] | undefined): TextRewrite[] {
  return (configs ?? []).map(({ Regex = '', Replace = '' }) => compileRewrite(Regex, Replace));
}

function apply(all: readonly TextRewrite[], text: string): string {
  return all.reduce((sofar, one) => one(sofar), text);
}
