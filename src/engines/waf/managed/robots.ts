/**
 * Robots that can show who they are: the domains in which their owners say that the names of their addresses end. Owners
 * that publish addresses, and no names, are not among them: their robots stay unverified.
 */

/** By the robot's name in labels. The owners' own pages say so ("Verify requests from Google crawlers and fetchers", …). */
const domains: Readonly<Record<string, readonly string[]>> = {
  // Not googleusercontent.com: whoever rents a machine there has a name in it.
  googlebot: ['googlebot.com'],
  googleother: ['googlebot.com', 'google.com'],
  google_inspectiontool: ['googlebot.com', 'google.com'],
  storebot_google: ['googlebot.com', 'google.com'],
  adsbot_google: ['googlebot.com', 'google.com'],
  mediapartners_google: ['googlebot.com', 'google.com'],
  apis_google: ['googlebot.com', 'google.com'],
  feedfetcher_google: ['google.com'],
  bingbot: ['search.msn.com'],
  bingpreview: ['search.msn.com'],
  adidxbot: ['search.msn.com'],
  msnbot: ['search.msn.com'],
  slurp: ['crawl.yahoo.net'],
  applebot: ['applebot.apple.com'],
  amazonbot: ['crawl.amazonbot.amazon'],
  baiduspider: ['crawl.baidu.com', 'crawl.baidu.jp'],
  yandexbot: ['yandex.ru', 'yandex.net', 'yandex.com'],
  yandeximages: ['yandex.ru', 'yandex.net', 'yandex.com'],
  yandex_com_bots: ['yandex.ru', 'yandex.net', 'yandex.com'],
  yeti: ['naver.com'],
  seznambot: ['seznam.cz'],
  petalbot: ['petalsearch.com'],
  mojeekbot: ['mojeek.com'],
  qwantbot: ['qwant.com'],
  qwantify: ['qwant.com'],
  ahrefsbot: ['ahrefs.com', 'ahrefs.net'],
  ahrefssiteaudit: ['ahrefs.com', 'ahrefs.net'],
  semrushbot: ['bot.semrush.com'],
  pinterestbot: ['pinterest.com'],
  twitterbot: ['twttr.com'],
  linkedinbot: ['fwd.linkedin.com'],
  archive_org_bot: ['archive.org'],
};

/** Undefined for a robot that cannot be verified so. */
export function domainsOfRobot(name: string): readonly string[] | undefined {
  return Object.hasOwn(domains, name) ? domains[name] : undefined;
}

const allDomains = Object.values(domains).flat();

/** Whether a name is of some robot that can be verified. */
export function isOfRobot(hostName: string): boolean {
  return isWithinDomain(hostName, allDomains);
}

/** Whether a host has its name within one of the domains. */
export function isWithinDomain(hostName: string, within: readonly string[]): boolean {
  const name = hostName.toLowerCase().replace(/\.$/, '');
  return within.some((domain) => name.endsWith(`.${domain}`));
}
