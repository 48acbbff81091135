/** `bailey waf`: what web ACLs would do, and vendors of managed rule groups. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { callBailey, readProfile } from './api.ts';

const read = (file: string): string => readFileSync(file === '-' ? 0 : file, 'utf8');

/** The instance takes as much of a log at a time. */
const mostLogBytes = 1_000_000;

/** The end of a log file, which may be gzipped as it came from the bucket; whole lines, the newest. */
function endOf(file: string): string {
  const raw = readFileSync(file === '-' ? 0 : file);
  const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  if (bytes.length <= mostLogBytes) return bytes.toString('utf8');
  const start = bytes.indexOf('\n', bytes.length - mostLogBytes) + 1;
  console.error(`bailey: of ${bytes.length} bytes the last ${bytes.length - start} are replayed.`);
  return bytes.toString('utf8', start);
}

/** The ARN names the region. */
function profileFor(webAclArn: string) {
  const region = webAclArn.split(':')[3];
  const profile = readProfile(process.env);
  return region ? { ...profile, region } : profile;
}

export async function whatIf(
  webAclArn: string,
  definition: string,
  options: { readonly log?: string; readonly json?: true },
): Promise<number> {
  const answer = await callBailey<{ Result: string; Text: string }>(profileFor(webAclArn), 'ReplayRequests', {
    WebACLArn: webAclArn,
    Definition: read(definition),
    ...(options.log !== undefined && { Log: endOf(options.log) }),
  });
  console.log(options.json ? answer.Result : answer.Text);
  return 0;
}

export async function createManagedRuleSet(
  name: string,
  options: { readonly vendor: string; readonly scope: string; readonly description?: string },
): Promise<number> {
  const answer = await callBailey<{ Id: string; ARN: string; LockToken: string }>(
    readProfile(process.env),
    'CreateManagedRuleSet',
    {
      Name: name,
      VendorName: options.vendor,
      Scope: options.scope,
      ...(options.description !== undefined && { Description: options.description }),
    },
  );
  console.log(JSON.stringify(answer, undefined, 2));
  return 0;
}
