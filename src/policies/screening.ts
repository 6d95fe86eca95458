import { z } from 'zod';
import { checkedAnswers } from '../json-schema/bounded.ts';
import { InputSchema } from '../schemas/verdict.ts';
import { PositiveDuration } from '../schemas/fields.ts';
import { Message, refuseIdle, Visibility, type Issues } from './params.ts';
import { definePolicy } from './policy.ts';
import { deny, notApplicable, requireInput } from './verdicts.ts';

const Line = z.string().regex(/^[^\r\n]{1,500}$/, 'one line of 1 to 500 characters');
const Option = z.string().regex(/^[^\r\n]{1,200}$/, 'one line of 1 to 200 characters');

const YES_NO = ['yes', 'no'];

const Question = z
  .strictObject({
    /** The field of the answer. */
    id: z.string().regex(/^[a-z][a-zA-Z0-9_]{0,63}$/, 'a name such as team or firstDay'),
    question: Line,
    type: z.enum(['text', 'choice', 'yesno']),
    options: z.array(Option).min(2).max(50).exactOptional(),
    required: z.boolean().default(true),
    maxLength: z.number().int().min(1).max(5_000).exactOptional(),
    /** The answers that let in; any, where nothing is said. */
    accept: z.array(Option).min(1).max(50).exactOptional(),
  })
  .superRefine((question, issues) => {
    const { type, options, accept = [] } = question;
    if (type === 'choice' && !options) issues.addIssue({ code: 'custom', path: ['options'], message: 'is missing' });
    if (type !== 'choice') refuseIdle(issues, question, 'options', 'type: choice');
    if (type !== 'text') refuseIdle(issues, question, 'maxLength', 'type: text');
    const known = type === 'yesno' ? YES_NO : options;
    const foreign = known ? accept.findIndex((answer) => !known.includes(answer)) : -1;
    if (foreign >= 0)
      issues.addIssue({ code: 'custom', path: ['accept', foreign], message: `one of ${known?.join(', ')}` });
    refuseTwins(issues, options ?? [], (index) => ['options', index]);
  });
type Question = z.output<typeof Question>;

const Fields = z.strictObject({
  /** What the requester has to accept. */
  rules: z.array(Line).max(20).default([]),
  questions: z.array(Question).max(20).default([]),
  prompt: Message.default('Please answer this first.'),
  /** How long the requester has. */
  expiresIn: PositiveDuration.default('7d'),
  /** Whether the requester learns which answer did not let them in. */
  visibility: Visibility.default('full'),
});

const ScreeningParams = Fields.superRefine((params, issues) => {
  const { rules, questions } = params;
  if (rules.length + questions.length === 0) {
    issues.addIssue({ code: 'custom', path: [], message: 'rules or questions must ask something' });
  }
  const ids = questions.map(({ id }) => id);
  refuseTwins(issues, rules.length > 0 ? [RULES, ...ids] : ids, (index) => {
    return ['questions', rules.length > 0 ? index - 1 : index, 'id'];
  });
  const asked = InputSchema.safeParse(screeningSchema(params));
  if (!asked.success) {
    issues.addIssue({ code: 'custom', path: [], message: `it asks too much: ${asked.error.issues[0]?.message}` });
  }
});
type ScreeningParams = z.output<typeof Fields>;

/** The field in which the rules are accepted. */
const RULES = 'rules';

/** What is asked, as the JSON Schema of an object. */
function screeningSchema({ rules, questions }: Pick<ScreeningParams, 'rules' | 'questions'>): InputSchema {
  const description = rules.map((rule, index) => `${index + 1}. ${rule}`).join('\n');
  const accepted = { type: 'boolean', const: true, title: 'I accept the rules', description };
  const named = questions.map((question): [string, object] => [question.id, answerSchema(question)]);
  const needed = questions.filter(({ required }) => required).map(({ id }) => id);
  return {
    type: 'object',
    properties: { ...(rules.length > 0 ? { [RULES]: accepted } : {}), ...Object.fromEntries(named) },
    required: rules.length > 0 ? [RULES, ...needed] : needed,
    additionalProperties: false,
  };
}

function answerSchema({ question: title, type, options, maxLength = 1_000, required }: Question): object {
  if (type === 'text') return { type: 'string', title, maxLength, ...(required ? { minLength: 1 } : {}) };
  return { type: 'string', title, enum: type === 'yesno' ? YES_NO : options };
}

function refuseTwins(issues: Issues, names: readonly string[], pathOf: (index: number) => PropertyKey[]): void {
  names.forEach((name, index) => {
    if (names.indexOf(name) === index) return;
    issues.addIssue({ code: 'custom', path: pathOf(index), message: `there is another ${name}` });
  });
}

/** Who wants to join accepts rules and answers questions first; some answers may keep them out. */
export const screening = definePolicy({
  id: 'screening',
  version: '1.0.0',
  title: 'Rules and questions',
  params: ScreeningParams,
  facts: [],
  kind: 'pure',
  async evaluate(_request, { params, purpose, answers }) {
    if (purpose === 'extend') return notApplicable('the member was asked when they joined');
    const { questions, prompt, expiresIn, visibility } = params;
    const schema = screeningSchema(params);
    // What was answered to other questions, before these were asked, does not count.
    if (!answers || !(await checkedAnswers(schema, answers)).ok) return requireInput(schema, prompt, expiresIn);
    const refused = questions.find(({ id, accept }) => {
      const answer = answers[id];
      return accept !== undefined && typeof answer === 'string' && !accept.includes(answer.trim());
    });
    if (!refused) return notApplicable('the rules are accepted and the questions answered');
    const message = `The answer to this question does not let in: ${refused.question}`;
    return deny('SCREENING_FAILED', message, { visibility });
  },
});
