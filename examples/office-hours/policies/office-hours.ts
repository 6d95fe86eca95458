import { definePolicy, notApplicable, requireApproval, z } from 'channel-admission/policy';

/** Outside office hours nobody joins without a moderator. */
export default definePolicy({
  id: 'office-hours',
  version: '1.0.0',
  title: 'Office hours',
  params: z.strictObject({
    timeZone: z.string().default('UTC'),
    from: z.number().int().min(0).max(23).default(9),
    /** The first hour that is no longer office time. */
    to: z.number().int().min(1).max(24).default(17),
  }),
  facts: ['requester.role'],
  kind: 'pure',
  evaluate(_request, { params, facts, now }) {
    const role = facts['requester.role'];
    if (role === 'admin' || role === 'moderator') return notApplicable('moderators and admins may always ask');
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: params.timeZone, hour: 'numeric', weekday: 'short' });
    const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
    const weekend = parts['weekday'] === 'Sat' || parts['weekday'] === 'Sun';
    const hour = Number(parts['hour']);
    if (!weekend && hour >= params.from && hour < params.to) return notApplicable('it is office time');
    return requireApproval();
  },
});
