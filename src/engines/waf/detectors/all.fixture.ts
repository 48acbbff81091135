/** All detectors, for tests that hold each of them to the same. */
import { attackAgent, commandAgent } from './agents.ts';
import type { Detector } from './detector.ts';
import { inclusion, metadataRequest } from './files/address-requests.ts';
import { climbingName, traversal } from './files/traversal.ts';
import { graphql } from './graphql.ts';
import { java } from './java.ts';
import { ldap } from './ldap.ts';
import { log4j } from './log4j.ts';
import { brokenHeader, brokenPath, innerRequest, lineBreaks, mailCommands } from './mail.ts';
import { xss } from './markup/xss.ts';
import { nosql, nosqlName } from './nosql.ts';
import { php, scriptFileName } from './php.ts';
import { unixShell } from './shell/unix.ts';
import { powershell, windowsShell } from './shell/windows.ts';
import { sqliExtended, sqliHigh, sqliLow } from './sql/injection.ts';
import { template } from './template.ts';
import { xml, xpath } from './xml.ts';

export const named: Readonly<Record<string, Detector>> = {
  attackAgent,
  brokenHeader,
  brokenPath,
  climbingName,
  commandAgent,
  graphql,
  inclusion,
  innerRequest,
  java,
  ldap,
  lineBreaks,
  log4j,
  mailCommands,
  metadataRequest,
  nosql,
  nosqlName,
  php,
  powershell,
  scriptFileName,
  sqliExtended,
  sqliHigh,
  sqliLow,
  template,
  traversal,
  unixShell,
  windowsShell,
  xml,
  xpath,
  xss,
};

export const detectors: readonly Detector[] = Object.values(named);
