/** AWSManagedRulesCommonRuleSet, the core rule set. */
import { attackAgent, commandAgent } from '../../detectors/agents.ts';
import type { Detector } from '../../detectors/detector.ts';
import { evidence } from '../../detectors/evidence.ts';
import { inclusion, metadataRequest } from '../../detectors/files/address-requests.ts';
import { climbingName, traversal } from '../../detectors/files/traversal.ts';
import { brokenHeader, brokenPath, innerRequest, lineBreaks, mailCommands } from '../../detectors/mail.ts';
import { xss } from '../../detectors/markup/xss.ts';
import { template } from '../../detectors/template.ts';
import { xml } from '../../detectors/xml.ts';
import type { ManagedRule } from '../../resources.ts';
import type { RequestView } from '../../view.ts';
import type { ManagedGroup } from '../group.ts';
import { malformedHeader, malformedPart } from '../malformed.ts';
import { block, detecting, either, judging } from '../rules.ts';
import { samplesOf } from '../samples.ts';

const namespace = 'awswaf:managed:aws:core-rule-set:';

/** Script, templates that run in a browser or server, and split answers: all end in a page that is not the application's. */
const pages: readonly Detector[] = [xss, template, lineBreaks, mailCommands, innerRequest];
const files: readonly Detector[] = [traversal];
const inclusions: readonly Detector[] = [inclusion, xml];

const limits = { query: 2048, cookie: 10_240, body: 8192, path: 1024 };

/** What a log shows of it is its beginning. */
function tooLong(what: string, text: string, limit: number, size = text.length) {
  return size > limit ? evidence('protocol', `${what} of ${size} bytes, more than ${limit}`, text, 0.5) : undefined;
}

/**
 * AWS cannot see what lies behind the first 8 KB (or 16 to 64 KB), so this rule blocks every longer body. Here a body that
 * was inspected whole hides nothing and passes; so does the rest of a file within an upload.
 */
function hiddenBody(view: RequestView) {
  const { bodySize } = view.request;
  const body = view.request.deepBody ?? view.request.body;
  if (bodySize <= limits.body || body.length >= bodySize) return undefined;
  const type = (view.header('content-type') ?? '').toLowerCase();
  if (/^(?:image|video|audio|font)\/|^application\/(?:octet-stream|zip|gzip|pdf|x-tar|x-protobuf|grpc)/.test(type))
    return undefined;
  if (type.startsWith('multipart/') && samplesOf(view).parts.files.length > 0) return undefined;
  return tooLong('a body', Buffer.from(body.subarray(0, 200)).toString('latin1'), limits.body, bodySize);
}

const restricted =
  /\.(?:log|ini|conf|config|cfg|bak|backup|old|orig|save|swp|swo|sql|sqlite3?|db|dbf|mdb|env|htaccess|htpasswd|key|pem|pfx|p12|cer|crt|csr|lock|inc|dat|dll|sys|bat|cmd|com|exe|asa|asax|ashx|axd|backup|resources|resx|vbs|vsdisco|webinfo|xsx|licx|printer|idc|ida|idq|htr|htw|cs|csproj|vbproj|sh|rdb|core|ds_store|git|svn|pwd|passwd)$/i;
/** Ends of names under which applications do serve files, or which are words in arguments. */
const served =
  /\.(?:dat|db|lock|config|key|com|exe|crt|cer|cs|git|log|sys|old|core|sh|backup|orig|save|conf|cmd|bat|cfg|dll|pwd|com|inc|axd|ashx)$/i;

/** Folders and files with a dot in front in which tools keep settings, secrets and history. */
const hidden =
  /\/\.(?!well-known\/|netlify\/|auth\/|vercel\/|proxy\/|storybook\/|next\/|nuxt\/|vite\/|github\/)[a-z_][\w-]{0,30}\/|\/\.[a-z][\w-]{0,20}(?:ignore|rules|_history|lock|credentials?|tokens?|secrets?)$|\/\.(?:env|git(?!hub)|svn|hg|bzr|cvs|aws|ssh|azure|kube|docker|gnupg|config|bash|zsh|sh_|profile|history|netrc|pgpass|my\.cnf|mysql|psql|sqlite|npmrc|yarnrc|pypirc|gem|ht|ds_store|idea|vscode|cursor|continue|aider|kiro|codex|opencode|plandex|claude|gemini|windsurf|terraform|tfstate|circleci|travis|rediscli|viminfo|local|ftpconfig|sftp|remote-sync|wp-config|vnc|boto|s3cfg|rclone|lftp|muttrc|wgetrc|curlrc|subversion|passwd|rhosts|tomcat|java|node_repl|python_history|irb_history|mcp|cursorrules|windsurfrules|clinerules|goosehints|fabric|mongorc|dbshell|vault-token|xauthority|iceauthority|lesshst|forward|procmailrc|pearrc|pinerc|addressbook|nsconfig|selected_editor|password-store|zhistory|rhistory|lhistory|gitconfig|gitattributes|gitmodules|sentryclirc|serverless|pulumi|vagrant|ansible|sequelizerc|dockercfg|dockerignore|php_history|sqlite_history|www_?acl|lynx_cookies|lldb-history)/i;

/** Files by which applications are built and set up; servers have them beside what they serve. */
const kept =
  /^(?:wp-config\.\w{2,12}|(?:claude|agents|gemini|copilot-instructions)\.md|mcp\.json|(?:config|config_(?:dev|prod|test)|parameters|databases?|secrets|routing)\.ya?ml|sftp-config\.json|docker-compose[\w.-]{0,20}\.ya?ml|dockerfile|procfile|composer\.lock|auth\.json|npm-debug\.log|yarn-error\.log|php_errors?\.log|errors?\.log|\w{1,40}\.tfstate|terraform\.tfvars|id_(?:rsa|dsa|ecdsa|ed25519)|gruntfile\.js|gulpfile\.js|appsettings(?:\.\w{1,20})?\.json|local\.settings\.json|settings\.local\.(?:php|json|py))$/i;
const keptOfShop = /\/app\/etc\/(?:local\.xml|env\.php)$/i;

/** Names of variables of PHP applications from which files were included, with an address for their value. */
const includedBy =
  /^(?:(?:_conf|_server|_request|_session|_get|_post|globals|cfg|conf|config|path|root|dir|phpbb|CONFIG)\[|mosconfig_|(?:appserv_root|inc_?dir|include_?path|absolute_path|basedir|base_path|docroot|document_root|root_path|path_to_root|phpbb_root_path|gallery_basedir|dirroot|inc_path|libpath|classes_dir|template_path|page_root|server_path)$)/i;

function includedAddress(view: RequestView) {
  for (const { name, value } of view.queryArguments) {
    if (/^(?:https?|ftps?)(?::|%3a)(?:\/|%2f){2}/i.test(value) && includedBy.test(name.replace(/%5b/gi, '['))) {
      return evidence('rfi', 'an address for a variable from which code is included', `${name}=${value}`, 0.75);
    }
  }
  return undefined;
}

function restrictedPath(view: RequestView) {
  const [sample] = samplesOf(view).parts.path;
  for (const { text } of sample!.forms) {
    const name = text.slice(text.lastIndexOf('/') + 1);
    if (restricted.test(name) && !served.test(name))
      return evidence('lfi', 'a file that applications keep to themselves', text, 0.8);
    if (kept.test(name) || (name.length < 10 && keptOfShop.test(text)))
      return evidence('lfi', 'a file that applications keep to themselves', text, 0.8);
    if (hidden.test(text)) {
      return evidence('lfi', 'a hidden file', text, 0.85);
    }
    if (
      /\.(?:log|conf|config|ini)$/i.test(name) &&
      /^(?:access|error|debug|install|web|app|nginx|httpd|php|my|server|settings|database|config|laravel|production|development|catalina)[._-]?\w{0,12}\.\w+$/i.test(
        name,
      )
    ) {
      return evidence('lfi', 'a file that applications keep to themselves', text, 0.8);
    }
  }
  return undefined;
}

/** A type within the type's own parameter: what one parser takes for a form is JSON or XML to the next. */
const doubleType: Detector = (text) =>
  /^[\w+./-]{3,80};.{0,80}(?:boundary|charset)\s?=\s?["']?(?:application|text|multipart)\//i.test(text)
    ? evidence('protocol', 'two types in one Content-Type', text, 0.8)
    : undefined;

/** A line break in an argument's name has no use but to break what repeats it. */
function brokenName(view: RequestView) {
  const found = view.queryArguments.find(({ name }) => /%0[ad]/i.test(name));
  return found === undefined ? undefined : evidence('mail', 'a line break in the name of an argument', found.name, 0.8);
}

/** Names of frameworks' session cookies: as arguments, in a link from another site, they lend a session to a visitor. */
const sessionNames =
  /^(?:phpsessid|phpsession|jsessionid|jwsession|jservsession|jwssid|sessid|sessionid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|cfsid|connect\.sid|sails\.sid|koa[.:]sess|express[.:]sess|rack\.session|_?rails_session|laravel_session|ci_session|cakephp|symfony|zend_session_id|zenid|play_session|meteor_login_token|weblogicsession|servlet_sessionid|session-id|shiny-token|(?:__(?:host|secure)-)?(?:next-auth|authjs)\.session-token|_flask_session|session_id_sess|siteserver|sid_sess|websphere_session)$/i;

/** Of these no other program has arguments or members of that name. */
const ownSessionNames =
  /^(?:phpsess(?:id|ion)|jsessionid|jwsession|jservsession|jwssid|aspsessionid\w*|asp\.net_sessionid|cfid|cftoken|cfsid|weblogicsession|zend_session_id|websphere_session|siteserver)$/i;
const bodyName = /(?:^|[&\s]|[{,]\s{0,20}["'])([\w.:-]{4,32})["']?\s{0,4}[=:]/g;
const mostNames = 200;

/** From where a visitor was led here: another site, nobody knows, or this site itself. */
function leadBy(view: RequestView, value = view.header('referer')): 'another' | 'nobody' | 'itself' {
  // Only what a visitor is led to: calls that a page's script makes carry its own identifiers.
  if ((view.header('sec-fetch-mode') ?? 'navigate') !== 'navigate') return 'itself';
  if (value === undefined || value === '') return 'nobody';
  const referer = /^https?:\/\/([^/?#:]+)/i.exec(value)?.[1]?.toLowerCase();
  return referer === undefined || referer === (view.header('host') ?? '').toLowerCase().replace(/:\d+$/, '')
    ? 'itself'
    : 'another';
}

function lentSession(view: RequestView) {
  const { queryArguments } = view;
  if (queryArguments.length === 0) return undefined;
  // A link out of a mail or a bookmark, as old servers write them, comes from nobody.
  if (leadBy(view) !== 'another') return undefined;
  const found = queryArguments.find(({ name }) => sessionNames.test(name));
  return found === undefined
    ? undefined
    : evidence('protocol', 'a session’s identifier in a link from another site', found.name, 0.7);
}

/** The same in a form that another site has a visitor send. */
function lentSessionInBody(view: RequestView) {
  if (view.body === '') return undefined;
  const by = leadBy(view, view.header('referer') ?? view.header('origin'));
  if (by === 'itself' || !/sess|cfid|cftoken|cfsid|sid\b|jwssid|zenid/i.test(view.body)) return undefined;
  const names = by === 'another' ? sessionNames : ownSessionNames;
  let count = 0;
  for (const [, name] of view.body.matchAll(bodyName)) {
    if (++count > mostNames) break;
    if (names.test(name!))
      return evidence('protocol', 'a session’s identifier in a form from another site', name!, 0.7);
  }
  return undefined;
}

function restrictedArgument(view: RequestView) {
  for (const sample of samplesOf(view).parts.query) {
    const { text } = sample.forms[0]!;
    if (text.length >= 200 || !/^[\w./\\~%-]+$/.test(text)) continue;
    if (hidden.test(`/${text}`)) return evidence('lfi', 'a hidden file', text, 0.75);
    if (restricted.test(text) && !served.test(text)) {
      return evidence('lfi', 'a file that applications keep to themselves', text, 0.7);
    }
  }
  return undefined;
}

function badBot(view: RequestView) {
  const agent = view.header('user-agent') ?? '';
  // Browsers, and what calls itself one.
  return (
    attackAgent(agent) ?? (agent.startsWith('Mozilla/') ? undefined : commandAgent(agent)) ?? malformedHeader(view)
  );
}

function rules(): readonly ManagedRule[] {
  const label = (name: string): string => namespace + name;
  return [
    judging('NoUserAgent_HEADER', label('NoUserAgent_Header'), 'HEADER', (view) =>
      (view.header('user-agent') ?? '').trim() === '' ? evidence('protocol', 'no User-Agent', '', 0.6) : undefined,
    ),
    judging('UserAgent_BadBots_HEADER', label('BadBots_Header'), 'HEADER', badBot),
    judging('SizeRestrictions_QUERYSTRING', label('SizeRestrictions_QueryString'), 'QUERY_STRING', (view) =>
      tooLong('a query string', view.request.query, limits.query),
    ),
    judging('SizeRestrictions_Cookie_HEADER', label('SizeRestrictions_Cookie_Header'), 'COOKIE', (view) =>
      tooLong('cookies', view.header('cookie') ?? '', limits.cookie),
    ),
    judging('SizeRestrictions_BODY', label('SizeRestrictions_Body'), 'BODY', hiddenBody),
    judging('SizeRestrictions_URIPATH', label('SizeRestrictions_URIPath'), 'URI', (view) =>
      tooLong('a path', view.request.path, limits.path),
    ),
    detecting('EC2MetaDataSSRF_BODY', label('EC2MetaDataSSRF_Body'), ['body'], [metadataRequest]),
    detecting(
      'EC2MetaDataSSRF_COOKIE',
      label('EC2MetaDataSSRF_Cookie'),
      ['cookies', 'headers', 'referer'],
      [metadataRequest],
    ),
    detecting('EC2MetaDataSSRF_URIPATH', label('EC2MetaDataSSRF_URIPath'), ['path'], [metadataRequest]),
    detecting('EC2MetaDataSSRF_QUERYARGUMENTS', label('EC2MetaDataSSRF_QueryArguments'), ['query'], [metadataRequest]),
    detecting('GenericLFI_QUERYARGUMENTS', label('GenericLFI_QueryArguments'), ['query'], files),
    detecting('GenericLFI_URIPATH', label('GenericLFI_URIPath'), ['path', 'segments'], files),
    either(
      detecting('GenericLFI_BODY', label('GenericLFI_Body'), ['body', 'fileNames'], files, block, [
        'fileNames',
        [climbingName],
      ]),
      judging('', '', 'BODY', malformedPart),
    ),
    judging('RestrictedExtensions_URIPATH', label('RestrictedExtensions_URIPath'), 'URI', restrictedPath),
    judging(
      'RestrictedExtensions_QUERYARGUMENTS',
      label('RestrictedExtensions_QueryArguments'),
      'ALL_QUERY_ARGS',
      restrictedArgument,
    ),
    either(
      detecting('GenericRFI_QUERYARGUMENTS', label('GenericRFI_QueryArguments'), ['query'], inclusions),
      judging('', '', 'ALL_QUERY_ARGS', includedAddress),
    ),
    detecting('GenericRFI_BODY', label('GenericRFI_Body'), ['body', 'documents', 'files'], inclusions),
    detecting('GenericRFI_URIPATH', label('GenericRFI_URIPath'), ['path', 'segments'], inclusions),
    detecting(
      'CrossSiteScripting_COOKIE',
      label('CrossSiteScripting_Cookie'),
      ['cookies', 'headers', 'referer'],
      pages,
      block,
      ['headers', [brokenHeader, doubleType]],
    ),
    either(
      detecting('CrossSiteScripting_QUERYARGUMENTS', label('CrossSiteScripting_QueryArguments'), ['query'], pages),
      judging('', '', 'ALL_QUERY_ARGS', (view) => lentSession(view) ?? brokenName(view)),
    ),
    either(
      detecting('CrossSiteScripting_BODY', label('CrossSiteScripting_Body'), ['body'], pages),
      judging('', '', 'BODY', lentSessionInBody),
    ),
    detecting('CrossSiteScripting_URIPATH', label('CrossSiteScripting_URIPath'), ['path', 'segments'], pages, block, [
      'path',
      [brokenPath],
    ]),
  ];
}

export const coreRules: ManagedGroup = {
  Name: 'AWSManagedRulesCommonRuleSet',
  Description:
    'What most applications want: sizes, files, metadata services, inclusion of code, and cross-site scripting.',
  Capacity: 700,
  Versions: [
    'Version_1.0',
    'Version_1.1',
    'Version_1.2',
    'Version_1.3',
    'Version_1.4',
    'Version_1.5',
    'Version_1.6',
    'Version_1.7',
    'Version_1.8',
    'Version_1.9',
    'Version_1.10',
    'Version_1.11',
    'Version_1.12',
    'Version_1.13',
    'Version_1.14',
    'Version_1.15',
    'Version_1.16',
    'Version_1.17',
    'Version_1.18',
  ],
  LabelNamespace: namespace,
  rules,
};
