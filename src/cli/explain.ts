/** `bailey explain`: asks the instance why a call was allowed or denied. */
import { callBailey, readProfile } from './api.ts';

const requestId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

export async function explain(words: readonly string[], options: { json?: true }): Promise<number> {
  const text = words.join(' ');
  const id = text.match(requestId)?.[0];
  const answer = await callBailey<{ Explanation: string; Text: string }>(
    readProfile(process.env),
    'Explain',
    id ? { RequestId: id } : { Message: text },
  );
  console.log(options.json ? answer.Explanation : answer.Text);
  return 0;
}
