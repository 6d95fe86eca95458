import { checkedAnswers } from '../json-schema/bounded.ts';
import { ScreeningParams, screeningSchema } from './params/screening.ts';
import { definePolicy } from './policy.ts';
import { deny, notApplicable, requireInput } from './verdicts.ts';

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
