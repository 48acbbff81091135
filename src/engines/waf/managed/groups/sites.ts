/** AWSManagedRulesAdminProtectionRuleSet and AWSManagedRulesWordPressRuleSet. */
import { evidence } from '../../detectors/evidence.ts';
import { php } from '../../detectors/php.ts';
import type { RequestView } from '../../view.ts';
import type { ManagedGroup } from '../group.ts';
import { judging } from '../rules.ts';
import { samplesOf } from '../samples.ts';

const adminNamespace = 'awswaf:managed:aws:admin-protection:';
const adminPath =
  /^\/(?:[\w-]{1,20}\/){0,2}(?:admin(?:istrator|istration|er|-console|panel|cp|area)?|sqlmanager|phpmyadmin|pma|myadmin|mysqladmin|dbadmin|manager\/(?:html|status|text)|webadmin|cpanel|whm|plesk|wp-admin|user\/login|siteadmin|controlpanel|adminer\.php|console\/login|server-(?:status|info)|system_administration|_admin)(?:\/|\.\w{2,5}(?:\/|$)|$)/i;

export const adminProtection: ManagedGroup = {
  Name: 'AWSManagedRulesAdminProtectionRuleSet',
  Description: 'Pages that only administrators need, on servers where those come another way.',
  Capacity: 100,
  Versions: ['Version_1.0'],
  LabelNamespace: adminNamespace,
  rules: () => [
    judging('AdminProtection_URIPATH', `${adminNamespace}AdminProtection_URIPath`, 'URI', (view) =>
      onPath(view, adminPath, 'a page of administrators'),
    ),
  ],
};

const wordpressNamespace = 'awswaf:managed:aws:wordpress-app:';
const exploitableCommand =
  /\b(?:do-reset-wordpress|wp_ajax_nopriv_\w+|duplicator_download|revslider_(?:show_image|ajax_action)|wpgdprc_process_action|up_auto_log|swp_debug|action=(?:uploadFontIcon|wp_file_upload|heartbeat_nopriv|kaswara_\w+)|author=\d+$|rest_route=\/wp\/v2\/users)/i;
const exploitablePath =
  /\/(?:xmlrpc\.php|wp-config\.php(?:\.\w+|~)?|wp-cron\.php|wp-content\/(?:debug\.log|plugins\/(?:wp-file-manager|revslider\/temp|hellopress|wpdiscuz\/themes)\/|uploads\/[^?]*\.php)|wp-includes\/[^?]*\.php|wp-admin\/(?:install|setup-config|upgrade)\.php|wp-json\/wp\/v2\/users)\b/i;

export const wordpress: ManagedGroup = {
  Name: 'AWSManagedRulesWordPressRuleSet',
  Description: 'Holes of WordPress.',
  Capacity: 100,
  Versions: ['Version_1.0', 'Version_1.1', 'Version_1.2', 'Version_1.3'],
  LabelNamespace: wordpressNamespace,
  rules: () => [
    judging(
      'WordPressExploitableCommands_QUERYSTRING',
      `${wordpressNamespace}WordPressExploitableCommands_QUERYSTRING`,
      'QUERY_STRING',
      (view) => {
        const found = exploitableCommand.exec(view.request.query);
        if (found !== null) return evidence('php', 'a command of WordPress with a known hole', found[0], 0.8);
        return /wp-(?:admin|content|json)/.test(view.request.path)
          ? samplesOf(view)
              .parts.query.map((sample) => sample.detect(php))
              .find(Boolean)
          : undefined;
      },
    ),
    judging(
      'WordPressExploitablePaths_URIPATH',
      `${wordpressNamespace}WordPressExploitablePaths_URIPATH`,
      'URI',
      (view) => onPath(view, exploitablePath, 'a path of WordPress with a known hole'),
    ),
  ],
};

function onPath(view: RequestView, shape: RegExp, reason: string) {
  for (const { text } of samplesOf(view).parts.path[0]!.forms) {
    if (shape.test(text)) return evidence('protocol', reason, text, 0.7);
  }
  return undefined;
}
