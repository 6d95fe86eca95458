import { z } from 'zod';
import { parseArn } from '../domain/arn.ts';
import { Code, Message, refuseIdle } from './params.ts';
import { definePolicy } from './policy.ts';
import { allow, deny, notApplicable, requireApproval } from './verdicts.ts';

const ID = /^[A-Za-z0-9:._@-]{1,64}$/;
const isMember = (text: string) => ID.test(text) || ['user', 'bot'].includes(parseArn(text)?.kind ?? '');

const Params = z
  .strictObject({
    members: z.array(z.string().refine(isMember, 'the ARN or the id of a user or bot')).max(1_000).default([]),
    patterns: z
      .array(
        z.string().regex(/^[A-Za-z0-9:._@*?-]{1,64}$/, 'an id of a member, with * for any characters and ? for one'),
      )
      .max(100)
      .default([]),
    otherwise: z.enum(['notApplicable', 'deny', 'requireApproval']).default('notApplicable'),
    code: Code.exactOptional(),
    message: Message.exactOptional(),
  })
  .refine(({ members, patterns }) => members.length + patterns.length > 0, 'members or patterns must name somebody')
  .superRefine((params, issues) => {
    if (params.otherwise === 'deny') return;
    for (const field of ['code', 'message']) refuseIdle(issues, params, field, 'otherwise: deny');
  });

/** Lets in the members it names. To also keep out everybody else, say so with `otherwise`. */
export const allowList = definePolicy({
  id: 'allow-list',
  version: '1.0.0',
  title: 'Allow list',
  params: Params,
  facts: [],
  kind: 'pure',
  evaluate(request, { params }) {
    const { members, patterns, otherwise } = params;
    const id = parseArn(request.memberArn)?.id ?? request.memberArn;
    const listed = members.includes(request.memberArn) || members.includes(id);
    if (listed || patterns.some((pattern) => matchesGlob(id, pattern))) return allow();
    if (otherwise === 'requireApproval') return requireApproval();
    if (otherwise === 'notApplicable') return notApplicable('the member is not on the list');
    return deny(params.code ?? 'NOT_ON_LIST', params.message ?? 'The member is not on the list of this channel.', {
      field: 'memberArn',
    });
  },
});

/** Whether all of a text fits a pattern in which `*` stands for any characters and `?` for one. */
export function matchesGlob(text: string, pattern: string): boolean {
  let [at, next] = [0, 0];
  let star = -1;
  let resumeAt = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next;
      resumeAt = at;
      next += 1;
    } else if (pattern[next] === '?' || pattern[next] === text[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      // The last star takes one character more; the earlier ones never need to, which keeps this fast for every pattern.
      resumeAt += 1;
      at = resumeAt;
      next = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(next));
}
