/** The groups for operating systems and PHP: Linux, Unix, Windows, PHP. */
import type { Detector } from '../../detectors/detector.ts';
import { inclusion } from '../../detectors/files/address-requests.ts';
import { traversal } from '../../detectors/files/traversal.ts';
import { php, scriptFileName } from '../../detectors/php.ts';
import { unixShell } from '../../detectors/shell/unix.ts';
import { powershell, windowsShell } from '../../detectors/shell/windows.ts';
import { xml } from '../../detectors/xml.ts';
import type { ManagedGroup } from '../group.ts';
import { block, detecting } from '../rules.ts';
import type { Part } from '../samples.ts';

const files: readonly Detector[] = [traversal];
const unixCommands: readonly Detector[] = [unixShell];

const linuxNamespace = 'awswaf:managed:aws:linux-os:';
export const linux: ManagedGroup = {
  Name: 'AWSManagedRulesLinuxRuleSet',
  Description: 'Files of Linux systems.',
  Capacity: 200,
  Versions: [
    'Version_1.0',
    'Version_2.0',
    'Version_2.1',
    'Version_2.2',
    'Version_2.3',
    'Version_2.4',
    'Version_2.5',
    'Version_2.6',
  ],
  LabelNamespace: linuxNamespace,
  rules: () => [
    detecting('LFI_URIPATH', `${linuxNamespace}LFI_URIPath`, ['path', 'segments'], files),
    detecting('LFI_QUERYSTRING', `${linuxNamespace}LFI_QueryString`, ['query'], files),
    detecting('LFI_HEADER', `${linuxNamespace}LFI_Header`, ['headers', 'cookies'], [...files, inclusion, xml]),
  ],
};

const unixNamespace = 'awswaf:managed:aws:posix-os:';
export const unix: ManagedGroup = {
  Name: 'AWSManagedRulesUnixRuleSet',
  Description: 'Commands of POSIX shells.',
  Capacity: 100,
  Versions: ['Version_1.0', 'Version_1.1', 'Version_2.0', 'Version_2.1', 'Version_2.2', 'Version_3.0'],
  LabelNamespace: unixNamespace,
  rules: () => [
    detecting(
      'UNIXShellCommandsVariables_QUERYSTRING',
      `${unixNamespace}UNIXShellCommandsVariables_QueryString`,
      ['query', 'segments'],
      unixCommands,
    ),
    detecting(
      'UNIXShellCommandsVariables_BODY',
      `${unixNamespace}UNIXShellCommandsVariables_Body`,
      ['body', 'fileNames'],
      unixCommands,
    ),
    detecting(
      'UNIXShellCommandsVariables_HEADER',
      `${unixNamespace}UNIXShellCommandsVariables_Header`,
      ['headers', 'cookies'],
      unixCommands,
    ),
  ],
};

const windowsNamespace = 'awswaf:managed:aws:windows-os:';
const windowsRule = (name: string, label: string, parts: readonly Part[], detector: Detector) =>
  detecting(name, windowsNamespace + label, parts, [detector]);

export const windows: ManagedGroup = {
  Name: 'AWSManagedRulesWindowsRuleSet',
  Description: 'Commands of Windows’ shells and of PowerShell.',
  Capacity: 200,
  Versions: ['Version_1.0', 'Version_1.1', 'Version_2.0', 'Version_2.1', 'Version_2.2', 'Version_2.3'],
  LabelNamespace: windowsNamespace,
  rules: () => [
    windowsRule('WindowsShellCommands_HEADER', 'WindowsShellCommands_Header', ['headers', 'cookies'], windowsShell),
    windowsRule('WindowsShellCommands_QUERYARGUMENTS', 'WindowsShellCommands_QueryArguments', ['query'], windowsShell),
    windowsRule('WindowsShellCommands_QUERYSTRING', 'WindowsShellCommands_QueryString', ['query'], windowsShell),
    windowsRule('WindowsShellCommands_URIPATH', 'WindowsShellCommands_UriPath', ['segments'], windowsShell),
    windowsRule('WindowsShellCommands_BODY', 'WindowsShellCommands_Body', ['body', 'fileNames'], windowsShell),
    windowsRule('PowerShellCommands_COOKIE', 'PowerShellCommands_Cookie', ['cookies', 'headers'], powershell),
    windowsRule(
      'PowerShellCommands_QUERYARGUMENTS',
      'PowerShellCommands_QueryArguments',
      ['query', 'segments'],
      powershell,
    ),
    windowsRule('PowerShellCommands_BODY', 'PowerShellCommands_Body', ['body', 'fileNames'], powershell),
  ],
};

const phpNamespace = 'awswaf:managed:aws:php-app:';
export const phpApplications: ManagedGroup = {
  Name: 'AWSManagedRulesPHPRuleSet',
  Description: 'Code and dangerous functions of PHP.',
  Capacity: 100,
  Versions: ['Version_1.0', 'Version_1.1', 'Version_2.0', 'Version_2.1', 'Version_2.2'],
  LabelNamespace: phpNamespace,
  rules: () => [
    detecting(
      'PHPHighRiskMethodsVariables_HEADER',
      `${phpNamespace}PHPHighRiskMethodsVariables_Header`,
      ['headers', 'cookies'],
      [php],
      block,
      ['headerFileNames', [scriptFileName]],
    ),
    detecting(
      'PHPHighRiskMethodsVariables_QUERYSTRING',
      `${phpNamespace}PHPHighRiskMethodsVariables_QueryString`,
      ['query'],
      [php],
    ),
    detecting(
      'PHPHighRiskMethodsVariables_BODY',
      `${phpNamespace}PHPHighRiskMethodsVariables_Body`,
      ['body', 'files'],
      [php],
      block,
      ['fileNames', [scriptFileName]],
    ),
    detecting(
      'PHPHighRiskMethodsVariables_URIPATH',
      `${phpNamespace}PHPHighRiskMethodsVariables_URIPath`,
      ['segments'],
      [php],
    ),
  ],
};
