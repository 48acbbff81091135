/** How long a policy is in IAM's eyes: quotas count characters without the white space between them. */

/** Characters, not counting blanks, tabs and line ends outside strings (IAM User Guide, "IAM and AWS STS quotas"). */
export function policySize(text: string): number {
  let size = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === 92) {
        at++;
        size++;
      } else if (code === 34) quoted = false;
    } else if (code === 34) quoted = true;
    else if (code === 32 || code === 9 || code === 10 || code === 13) continue;
    size++;
  }
  return size;
}
