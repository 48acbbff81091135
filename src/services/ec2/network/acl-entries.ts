/** Lines of network ACLs: as the API takes and shows them. */
import type { CreateNetworkAclEntryRequest, NetworkAclEntry } from '@aws-sdk/client-ec2';
import { hasPorts, isIcmp, protocolNumber } from '../../../engines/network/index.ts';
import { ruleBlock } from './blocks.ts';
import { combination, invalidValue, missingParameter, refused } from './errors.ts';
import type { AclEntryRow } from './state.ts';

const LAST_NUMBER = 32_766;

/** Protocols of lines are shown as numbers, unlike those of security groups. */
export function entryOf(input: Partial<CreateNetworkAclEntryRequest>): AclEntryRow {
  const { RuleNumber: number, Protocol: protocolName = '', RuleAction: action, Egress: isEgress } = input;
  if (number === undefined) throw missingParameter('ruleNumber');
  if (number < 1 || number > LAST_NUMBER) throw invalidValue(number, 'ruleNumber', `Must be 1 to ${LAST_NUMBER}.`);
  const protocol = protocolNumber(protocolName);
  if (protocol === undefined)
    throw refused('InvalidParameterValue', `Invalid value '${protocolName}' for IP protocol. Unknown protocol.`);
  if (action !== 'allow' && action !== 'deny') throw invalidValue(action, 'ruleAction');
  const given = input.CidrBlock ?? input.Ipv6CidrBlock;
  if (given === undefined || (input.CidrBlock !== undefined && input.Ipv6CidrBlock !== undefined)) {
    throw combination('Exactly one of CidrBlock and Ipv6CidrBlock must be given.');
  }
  const block = ruleBlock(given);
  if (!block || (block.family === 4) !== (input.CidrBlock !== undefined)) {
    throw refused('InvalidParameterValue', `CIDR block ${given} is malformed`);
  }
  return {
    number,
    isEgress: isEgress ?? false,
    protocol: String(protocol),
    action,
    ...(block.family === 4 ? { cidr4: block.text } : { cidr6: block.text }),
    ...(hasPorts(protocol) ? ports(input) : {}),
    ...(isIcmp(protocol) ? icmp(input) : {}),
  };
}

function ports({ PortRange: range }: Partial<CreateNetworkAclEntryRequest>): { from: number; to: number } {
  const { From: from, To: to } = range ?? {};
  if (from === undefined || to === undefined) throw missingParameter('portRange');
  if (from < 0 || to > 65_535 || from > to)
    throw refused('InvalidParameterValue', `Invalid TCP/UDP port range (${from}:${to})`);
  return { from, to };
}

function icmp({ IcmpTypeCode: given }: Partial<CreateNetworkAclEntryRequest>): { icmpType: number; icmpCode: number } {
  const { Type: type, Code: code } = given ?? {};
  if (type === undefined || code === undefined) throw missingParameter('icmpTypeCode');
  if (type < -1 || type > 255 || code < -1 || code > 255)
    throw refused('InvalidParameterValue', `Invalid ICMP type/code (${type}:${code})`);
  return { icmpType: type, icmpCode: code };
}

export function shownEntry(entry: AclEntryRow): NetworkAclEntry {
  return {
    RuleNumber: entry.number,
    Egress: entry.isEgress,
    Protocol: entry.protocol,
    RuleAction: entry.action,
    ...(entry.cidr4 !== undefined && { CidrBlock: entry.cidr4 }),
    ...(entry.cidr6 !== undefined && { Ipv6CidrBlock: entry.cidr6 }),
    ...(entry.from !== undefined && { PortRange: { From: entry.from, To: entry.to } }),
    ...(entry.icmpType !== undefined && { IcmpTypeCode: { Type: entry.icmpType, Code: entry.icmpCode } }),
  };
}
