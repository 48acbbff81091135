/** Robots by what they call themselves, in AWS's categories, and clients that are no browsers. */

import { RecentAnswers } from '../detectors/recent.ts';
import type { RequestView } from '../view.ts';

export type BotCategory =
  | 'Advertising'
  | 'Archiver'
  | 'ContentFetcher'
  | 'EmailClient'
  | 'HttpLibrary'
  | 'LinkChecker'
  | 'Miscellaneous'
  | 'Monitoring'
  | 'PagePreview'
  | 'ScrapingFramework'
  | 'SearchEngine'
  | 'Security'
  | 'Seo'
  | 'SocialMedia'
  | 'Webhooks'
  | 'AI';

/** In the order in which they are tried: words of the User-Agent, in lower case. */
const words: Readonly<Record<BotCategory, string>> = {
  Advertising:
    'adsbot-google|mediapartners-google|adidxbot|amazonadbot|criteobot|proximic|grapeshot|ias_crawler|peer39|doubleverify|admantx|bingads',
  AI: 'gptbot|chatgpt-user|oai-searchbot|claudebot|claude-web|claude-user|anthropic-ai|perplexitybot|perplexity-user|google-extended|bytespider|ccbot|cohere-ai|meta-externalagent|meta-externalfetcher|amazonbot|applebot-extended|diffbot|youbot|mistralai-user|deepseekbot|ai2bot|timpibot|omgili|imagesiftbot|duckassistbot',
  Archiver:
    'archive.org_bot|ia_archiver|heritrix|httrack|wayback|archivebot|arquivo-web-crawler|nicecrawler|special_archiver|webarchive',
  EmailClient:
    'thunderbird|microsoft outlook|ms-office|lotus-notes|googleimageproxy|yahoomailproxy|outlook-ios|superhuman|airmail|the bat!',
  LinkChecker:
    'linkchecker|w3c-checklink|deadlinkchecker|brokenlink|dr. link check|linkwalker|xenu link sleuth|siteliner|linklint|w3c_validator|validator.nu',
  Monitoring:
    'uptimerobot|pingdom|statuscake|site24x7|datadog|newrelicpinger|zabbix|nagios|check_http|uptime-kuma|betteruptime|better uptime|hetrixtools|freshping|nodeping|updown.io|catchpoint|gomezagent|cloudwatchsynthetics|amazon-route53-health-check|elb-healthchecker|googlestackdrivermonitoring|googlehc|prometheus|blackbox|statping|panopta|montastic|elastic-heartbeat|kube-probe|lighthouse|gtmetrix|pagespeed|ptst/',
  PagePreview:
    'slackbot-linkexpanding|slack-imgproxy|telegrambot|whatsapp|discordbot|skypeuripreview|viber|line-poker|mattermost|microsoftpreview|bitlybot|embedly|iframely|nuzzel|google web preview|redditbot|snapchat|signal-desktop|zoombot|teamsbot',
  SocialMedia:
    'facebookexternalhit|facebookcatalog|facebot|twitterbot|linkedinbot|pinterestbot|pinterest/|tumblr|vkshare|instagram|mastodon|pleroma|quora link preview|flipboardproxy|bluesky cardyb',
  SearchEngine:
    'googlebot|google-inspectiontool|googleother|storebot-google|bingbot|bingpreview|msnbot|slurp|duckduckbot|baiduspider|yandexbot|yandeximages|yandex.com/bots|yeti/|naverbot|sogou|360spider|exabot|qwantify|qwantbot|seznambot|petalbot|applebot|mojeekbot|coccocbot|haosouspider|daum|startmebot|gigabot|findxbot|ecosia|neevabot|kagibot|bravebot',
  Seo: 'ahrefsbot|ahrefssiteaudit|semrushbot|siteauditbot|mj12bot|dotbot|rogerbot|moz.com|screaming frog|serpstatbot|blexbot|seokicks|searchmetricsbot|sistrix|dataforseobot|barkrowler|linkdexbot|spbot|seobility|sitebulb|megaindex|cognitiveseo|oncrawl|botify|contentking|xovibot|backlinkcrawler|ubersuggest|deepcrawl|lumar|netpeak|keyword density',
  Security:
    'shodan|censysinspect|censys|internet-measurement|expanse|paloaltonetworks|netcraftsurveyagent|netsystemsresearch|projectdiscovery|qualys|tenable|nessus|detectify|intruder.io|securitytrails|binaryedge|rapid7|stretchoid|cloudmapping|leakix|zgrab|masscan|nmap|sucuri|siteguarding|virustotal|urlscan|onyphe|criminalip|fofa|zoomeye|acunetix|nikto|sqlmap|nuclei',
  ScrapingFramework:
    'scrapy|colly|apify|crawlee|selenium|puppeteer|playwright|phantomjs|headlesschrome|headless|nightmare|casperjs|slimerjs|mechanize|htmlunit|webharvy|import.io|octoparse|scrapinghub|zyte|goutte|jsoup|splash|nokogiri|cheerio',
  ContentFetcher:
    'feedfetcher-google|feedly|feedbin|inoreader|newsblur|tiny tiny rss|freshrss|netnewswire|feedparser|magpierss|simplepie|universalfeedparser|apple-pubsub|podcast|overcast/|pocketparser|instapaper|google-read-aloud|google favicon|google-safety|apis-google|feedburner|miniflux|theoldreader|wallabag|readability|outbrain|rssowl|newspaper/|spotify|pocketcasts',
  Webhooks:
    'stripe/|github-hookshot|gitlab/|bitbucket-webhooks|slackbot 1.0|paypal ipn|shopify-captain-hook|twilioproxy|sendgrid|mailgun|square webhook|zapier|ifttt|hookdeck|svix|adyen|docusign|zoho|intercom|pusher-http|pipedream|calendly',
  HttpLibrary:
    'curl/|wget/|libwww-perl|lwp::simple|lwp-|python-requests|python-urllib|python-httpx|aiohttp|httpx/|java/|apache-httpclient|okhttp|go-http-client|axios/|node-fetch|undici|got (|got/|superagent|guzzlehttp|ruby|faraday|rest-client|restsharp|postmanruntime|insomnia|httpie|winhttp|powershell|dart/|dart:io|alamofire|cfnetwork|reqwest|hyper/|ureq|urlgrabber|pycurl|http_request|http-client|httpclient|libcurl|perl|php/|cpp-httplib|jakarta commons|needle/|deno/|bun/|k6/|apachebench|vegeta|wrk|siege|artillery|gatling|boto3|aws-sdk|aws-cli|botocore',
  Miscellaneous: 'bot/|bot;|-bot|_bot|robot|crawler|spider|crawl|fetcher|scraper|archiver|checker|monitor/|preview',
};

const shapes = Object.entries(words).map(
  ([category, list]) =>
    [category as BotCategory, new RegExp(list.replace(/[.+()/!]/g, (sign) => `\\${sign}`))] as const,
);

export interface Bot {
  readonly category: BotCategory;
  /** As labels have it: lower case, `_` for what is no letter or digit. */
  readonly name: string;
}

interface Agent {
  readonly bot: Bot | undefined;
  readonly isBrowser: boolean;
  readonly isAutomated: boolean;
}

const agents = new RecentAnswers(
  (userAgent): Agent => ({
    bot: findBot(userAgent),
    isBrowser:
      /^(?:Mozilla\/\d|Opera\/\d|Dalvik\/)/.test(userAgent) &&
      /(?:Gecko|AppleWebKit|Trident|MSIE|Presto|KHTML|Firefox)/.test(userAgent),
    isAutomated: /headless|phantomjs|selenium|webdriver|puppeteer|playwright|electron|cypress|slimerjs/i.test(
      userAgent,
    ),
  }),
);

function findBot(userAgent: string): Bot | undefined {
  const lower = userAgent.slice(0, 1024).toLowerCase();
  for (const [category, shape] of shapes) {
    const found = shape.exec(lower);
    if (found !== null) return { category, name: found[0].replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') };
  }
  return undefined;
}

export function botOf(userAgent: string): Bot | undefined {
  return agents.of(userAgent).bot;
}

/** What browsers' names begin with; anything else is no browser. */
export function isBrowser(userAgent: string): boolean {
  return agents.of(userAgent).isBrowser;
}

/** Browsers that a program drives, by their own words. */
export function isAutomated(userAgent: string): boolean {
  return agents.of(userAgent).isAutomated;
}

/** Chromium sends client hints, and says the same in both; browsers accept languages. */
export function isInconsistent(view: RequestView, agent: string): boolean {
  if (!isBrowser(agent)) return false;
  const hints = view.header('sec-ch-ua') ?? '';
  const mobile = view.header('sec-ch-ua-mobile');
  if (/Firefox\//.test(agent) && hints !== '') return true;
  if (hints !== '' && !/Chrom/.test(agent)) return true;
  if (mobile === '?1' && !/Mobile|Android/.test(agent)) return true;
  const platform = view.header('sec-ch-ua-platform') ?? '';
  return /Windows/.test(platform) && !/Windows/.test(agent);
}
