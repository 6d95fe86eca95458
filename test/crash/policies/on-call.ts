import { allow, definePolicy, deny, z } from '../../../src/kit/policy.ts';

/** Asks the service of `on-call.ts`, which may take its time. */
export default definePolicy({
  id: 'on-call',
  version: '1.0.0',
  title: 'On call',
  params: z.strictObject({}),
  facts: [],
  kind: 'external',
  async evaluate({ memberArn }, { signal }) {
    const answer = await fetch(process.env['ON_CALL_URL'] ?? '', { method: 'POST', body: memberArn, signal });
    return answer.ok ? allow() : deny('NOT_ON_CALL', 'Nobody is on call.');
  },
});
