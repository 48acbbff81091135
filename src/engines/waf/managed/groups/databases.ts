/** AWSManagedRulesSQLiRuleSet: SQL, and other languages of queries among the extended patterns. */
import type { Detector } from '../../detectors/detector.ts';
import { graphql } from '../../detectors/graphql.ts';
import { ldap } from '../../detectors/ldap.ts';
import { nosql, nosqlName } from '../../detectors/nosql.ts';
import { sqliExtended, sqliLow } from '../../detectors/sql/injection.ts';
import { xpath } from '../../detectors/xml.ts';
import type { ManagedGroup } from '../group.ts';
import { detecting } from '../rules.ts';

const namespace = 'awswaf:managed:aws:sql-database:';

const sure: readonly Detector[] = [sqliLow];
const extended: readonly Detector[] = [sqliExtended, nosql, nosqlName, ldap, xpath, graphql];

export const databases: ManagedGroup = {
  Name: 'AWSManagedRulesSQLiRuleSet',
  Description: 'Injection into queries of databases and directories.',
  Capacity: 200,
  Versions: ['Version_1.0', 'Version_1.1', 'Version_1.2', 'Version_1.3', 'Version_2.0'],
  LabelNamespace: namespace,
  rules: () => [
    detecting('SQLi_QUERYARGUMENTS', `${namespace}SQLi_QueryArguments`, ['query'], sure),
    detecting(
      'SQLiExtendedPatterns_QUERYARGUMENTS',
      `${namespace}SQLiExtendedPatterns_QueryArguments`,
      ['query'],
      extended,
    ),
    detecting('SQLi_BODY', `${namespace}SQLi_Body`, ['body', 'fileNames'], sure),
    detecting('SQLiExtendedPatterns_BODY', `${namespace}SQLiExtendedPatterns_Body`, ['body'], extended),
    detecting(
      'SQLiExtendedPatterns_HEADER',
      `${namespace}SQLiExtendedPatterns_Header`,
      ['headers', 'cookies'],
      [...sure, ...extended],
    ),
    detecting('SQLiExtendedPatterns_URIPATH', `${namespace}SQLiExtendedPatterns_UriPath`, ['segments'], extended),
    detecting('SQLi_COOKIE', `${namespace}SQLi_Cookie`, ['cookies'], sure),
    detecting('SQLi_URIPATH', `${namespace}SQLi_URIPath`, ['segments'], sure),
  ],
};
