/** Rewrites of host and URL that a rule asks for, before the request goes to its target. */
import type { RewriteConfig, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';

interface Rewritten {
  readonly host: string;
  readonly target: string;
}

export type Transform = (request: Rewritten) => Rewritten | undefined;

/** Bounds what a replacement can make of a request. */
const longest = 8 * 1024;

type TextRewrite = (text: string) => string;

/** @returns undefined where nothing is rewritten; the transform answers undefined for what would be no request. */
export function compileTransforms(transforms: readonly RuleTransform[]): Transform | undefined {
  if (transforms.length === 0) return undefined;
  const hosts: TextRewrite[] = [];
  const urls: TextRewrite[] = [];
  for (const { Type, HostHeaderRewriteConfig, UrlRewriteConfig } of transforms) {
    if (Type === 'host-header-rewrite') hosts.push(...rewrites(HostHeaderRewriteConfig?.Rewrites));
    else if (Type === 'url-rewrite') urls.push(...rewrites(UrlRewriteConfig?.Rewrites));
  }
  return ({ host, target }) => {
    const rewritten = { host: apply(hosts, host), target: apply(urls, target) };
    const isRequest = /^\/[!"$-~]*$/.test(rewritten.target) && /^[\w.~:[\]-]{1,255}$/.test(rewritten.host);
    return isRequest && rewritten.target.length <= longest ? rewritten : undefined;
  };
}

function rewrites(configs: readonly RewriteConfig[] | undefined): TextRewrite[] {
  return (configs ?? []).map(({ Regex = '', Replace = '' }) => {
    const compiled = new RegExp(Regex);
    return (text: string) => text.replace(compiled, Replace);
  });
}

function apply(all: readonly TextRewrite[], text: string): string {
  return all.reduce((sofar, one) => one(sofar), text);
}
