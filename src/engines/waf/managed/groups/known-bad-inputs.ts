/** AWSManagedRulesKnownBadInputsRuleSet: Java deserialization, Log4j, paths of known holes, and odd requests. */
import { evidence } from '../../detectors/evidence.ts';
import { java } from '../../detectors/java.ts';
import { log4j } from '../../detectors/log4j.ts';
import type { ManagedRule } from '../../resources.ts';
import type { RequestView } from '../../view.ts';
import type { ManagedGroup } from '../group.ts';
import { oddMethod } from '../malformed.ts';
import { detecting, judging } from '../rules.ts';
import { samplesOf } from '../samples.ts';

const namespace = 'awswaf:managed:aws:known-bad-inputs:';

/** Paths that only those ask for who know a hole: consoles, debuggers, configuration, shells left behind. */
const exploitable =
  /\/(?:web-inf|meta-inf)\/|\/(?:actuator\/(?:env|heapdump|jolokia|gateway|restart|shutdown|loggers)|jolokia\/|heapdump\b|invoker\/(?:jmx|ejb)|jmx-console|web-console\/invoker|wls-wsat\/|_async\/asyncresponse|bea_wls_\w+|console\/(?:css|images)\/%2|vendor\/phpunit\/|phpunit\/(?:src\/)?util\/php\/eval-stdin|_ignition\/execute-solution|cgi-bin\/(?:\.|%|test-cgi|php|luci|status|bash|sh\b)|solr\/admin\/(?:cores|collections)\b|struts\d?\/\w+\.action|boaform\/|hnap1|gponform\/|shell\?|api\/jsonws\/invoke|druid\/indexer\/v1\/sampler|nacos\/v1\/(?:auth|cs)\/|apisix\/(?:admin|batch)|console\/\w+\.portal|owa\/auth\/x|ecp\/\w+\.js|autodiscover\/autodiscover\.json|geoserver\/wfs\b|jenkins\/script|securityrealm\/user\/|server-status\b|\.\.;\/|telescope\/requests|debug\/default\/view|webtools\/control\/(?:xmlrpc|programexport|main|forgotpassword|\w+;)|service\/extdirect|service\/rest\/beta\/repositories\/go|rest\/(?:tinymce\/1\/macro\/preview|api\/latest\/groupuserpicker)|pages\/(?:doenterpagevariables|createpage-entervariables|resumedraft)\.action|s\/[^/]{1,40}\/_\/;\/web-inf|password_change\.cgi|api\/index\.php\/v1\/config|configuration\/application|mgmt\/tm\/util\/bash|tmui\/login\.jsp|ui\/h5-vsan|analytics\/telemetry|wp-content\/plugins\/wp-file-manager\/lib\/php|remote\/fgt_lang|dana-na\/|\+cscot\+|\.git\/(?:config|head|index)|\.svn\/(?:entries|wc\.db)|\.env(?:\.\w+)?$|\.aws\/credentials|\.ssh\/)/i;

function exploitablePath(view: RequestView) {
  for (const { text } of samplesOf(view).parts.path[0]!.forms) {
    if (exploitable.test(text)) return evidence('protocol', 'a path that is asked for to use a known hole', text, 0.8);
  }
  return undefined;
}

/** A name for the host itself is a lie, unless the client is on the host itself. */
function localHost(view: RequestView) {
  const host = (view.header('host') ?? '').toLowerCase().replace(/:\d+$/, '');
  if (host !== 'localhost' && host !== '127.0.0.1' && host !== '[::1]' && !host.endsWith('.localhost'))
    return undefined;
  const { ip } = view.request.source;
  if (ip.startsWith('127.') || ip === '::1' || ip.startsWith('::ffff:127.')) return undefined;
  return evidence('protocol', 'the Host header names the host itself', host, 0.7);
}

/** Server components of React: objects that reach for prototypes in their wire format. */
function reactServer(view: RequestView) {
  if (
    view.header('next-action') === undefined &&
    view.header('rsc-action-id') === undefined &&
    !/multipart/i.test(view.header('content-type') ?? '')
  )
    return undefined;
  const found =
    /"?\$\d{0,4}:(?:__proto__|constructor|then)\b|"then"\s?:\s?"\$\d?:__proto__|_response"?\s?:\s?\{[^}]{0,200}_prefix|resolved_model[^}]{0,200}\$B/.exec(
      view.body,
    );
  return found === null
    ? undefined
    : evidence('java', 'objects of React’s server components that run code', found[0], 0.95);
}

function rules(): readonly ManagedRule[] {
  const label = (name: string): string => namespace + name;
  return [
    detecting(
      'JavaDeserializationRCE_HEADER',
      label('JavaDeserializationRCE_Header'),
      ['headers', 'cookies', 'referer'],
      [java],
    ),
    detecting(
      'JavaDeserializationRCE_BODY',
      label('JavaDeserializationRCE_Body'),
      ['body', 'documents', 'files'],
      [java],
    ),
    detecting('JavaDeserializationRCE_URIPATH', label('JavaDeserializationRCE_URIPath'), ['path', 'segments'], [java]),
    detecting('JavaDeserializationRCE_QUERYSTRING', label('JavaDeserializationRCE_QueryString'), ['query'], [java]),
    judging('Host_localhost_HEADER', label('Host_Localhost_Header'), 'HEADER', localHost),
    judging('PROPFIND_METHOD', label('Propfind_Method'), 'METHOD', (view) =>
      view.request.method.toUpperCase() === 'PROPFIND'
        ? evidence('protocol', 'the method PROPFIND', view.request.method, 0.7)
        : oddMethod(view),
    ),
    judging('ExploitablePaths_URIPATH', label('ExploitablePaths_URIPath'), 'URI', exploitablePath),
    detecting('Log4JRCE_HEADER', label('Log4JRCE_Header'), ['headers', 'cookies', 'referer'], [log4j]),
    detecting('Log4JRCE_QUERYSTRING', label('Log4JRCE_QueryString'), ['query'], [log4j]),
    detecting('Log4JRCE_BODY', label('Log4JRCE_Body'), ['body', 'files', 'fileNames'], [log4j]),
    detecting('Log4JRCE_URIPATH', label('Log4JRCE_URIPath'), ['path', 'segments'], [log4j]),
    judging('ReactJSRCE_BODY', label('ReactJSRCE_Body'), 'BODY', reactServer),
  ];
}

export const knownBadInputs: ManagedGroup = {
  Name: 'AWSManagedRulesKnownBadInputsRuleSet',
  Description: 'Requests that are known to be invalid or to use known holes.',
  Capacity: 200,
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
    'Version_1.19',
    'Version_1.20',
    'Version_1.21',
    'Version_1.22',
    'Version_1.23',
    'Version_1.24',
  ],
  LabelNamespace: namespace,
  rules,
};
