import { allow, definePolicy, notApplicable, z } from 'channel-admission/policy';

/** Who is on call, by the day of the week (UTC). In earnest this would be read from where your rota is. */
const ROTA = [['erin'], ['olga'], ['olga'], ['otto'], ['otto'], ['otto', 'olga'], ['erin']];

/** Who is on call joins at once. What it knows is a role too: `oncall.people` may approve others. */
export default definePolicy({
  id: 'on-call',
  version: '1.0.0',
  title: 'On call',
  params: z.strictObject({}),
  facts: [],
  provides: {
    'oncall.people': {
      source: 'the rota',
      ttlMs: 60_000,
      read({ channelArn }, { now }): string[] {
        const home = channelArn.slice(0, channelArn.indexOf('/channel/'));
        return (ROTA[now.getUTCDay()] ?? []).map((id) => `${home}/user/${id}`);
      },
    },
  },
  kind: 'pure',
  evaluate({ memberArn }, { facts }) {
    return facts['oncall.people'].includes(memberArn) ? allow() : notApplicable('the member is not on call');
  },
});
