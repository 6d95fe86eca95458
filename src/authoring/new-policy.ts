/** The text of a first policy file: small, complete and meant to be changed. */
export function policyTemplate(name: string): string {
  return `import { definePolicy, deny, notApplicable, z } from 'channel-admission/policy';

/** Who comes from outside has to say why they want to join. Change it to what you need. */
export default definePolicy({
  id: '${name}',
  version: '1.0.0',
  title: 'Outsiders give a reason',
  // What a policy set may configure under \`params\`.
  params: z.strictObject({ minLength: z.number().int().min(1).max(1024).default(10) }),
  // What has to be known besides the request: channel, member.membership, moderators and others.
  facts: ['requester.role'],
  // It decides from request, params and facts alone; a policy of kind 'external' may ask other services.
  kind: 'pure',
  evaluate(request, { params, facts }) {
    if (facts['requester.role'] !== 'outsider') return notApplicable('only outsiders have to give a reason');
    if ((request.reason ?? '').length < params.minLength) {
      return deny('REASON_MISSING', \`Say in at least \${params.minLength} characters why.\`, { field: 'reason' });
    }
    // No objection. allow() would let them in, unless another policy denies or asks for approval.
    return notApplicable('a reason is given');
  },
});
`;
}

/** The text of its fixtures, which pass and reach all of it. */
export function fixtureTemplate(name: string): string {
  return `# Run with \`admit policies test\`. What a case does not say is an outsider, alice, who asks to join a public channel.
policy: ./${name}.ts
params: { minLength: 20 }
cases:
  - name: an outsider without a reason is denied
    expect: { evaluation: deny, code: REASON_MISSING }

  - name: an outsider with a short reason is denied
    request: { reason: please }
    expect: { evaluation: deny, code: REASON_MISSING }

  - name: an outsider with a reason meets no objection
    request: { reason: I work on the same project as Bob. }
    expect: { evaluation: notApplicable }

  - name: a moderator gives no reason
    request: { requestedBy: mona }
    facts: { requester.role: moderator }
    expect: { evaluation: notApplicable }
`;
}
