import { shortName } from '../../domain/arn.ts';
import { requirementText } from '../../domain/requirement.ts';
import { cells } from '../../domain/text.ts';
import { describeAsked, reasonLines, ruleLines } from './explain-text.ts';
import { factLine, LEGEND, policyLines, section } from './policy-text.ts';
import type { Simulation } from './simulate.ts';

/** A simulation for people. */
export function formatSimulation(simulation: Simulation): string[] {
  const shown = cells(simulation);
  const { request, now, policySet, policies, otherFacts, composition, requirements, executor, notAsked } = shown;
  const { inputs, deferredUntil, term, longerTermFor } = shown;
  const { file, digest } = policySet;
  return [
    `would ${WOULD[composition?.action ?? 'deny']}   (simulated: nothing was started)`,
    `  ${describeAsked(request)}, at ${now}`,
    ...(longerTermFor === undefined
      ? []
      : [`  to stay longer, ${request.term ?? 'without a term'} in all, asked by ${shortName(longerTermFor)}`]),
    `  policy set ${digest}, ${file ?? 'the embedded one'}`,
    ...section(`policies   ${LEGEND}`, policies.flatMap(policyLines)),
    ...section('other facts', otherFacts.map(factLine)),
    ...(composition
      ? section(`composition: ${composition.action}`, [...ruleLines(composition), ...reasonLines(composition.reason)])
      : []),
    ...section('would wait for', [
      ...inputs.map(({ binding, prompt }) => `answers of the requester: ${prompt} (${binding})`),
      ...(deferredUntil === undefined ? [] : [`${deferredUntil}: then the policies are asked again`]),
      ...requirements.map((requirement) => `${requirementText(requirement)} (${requirement.binding})`),
    ]),
    ...section('longest membership', term ? [`${term.limitMs / DAY_MS} days`] : []),
    ...section('who would make the call', executor === null ? [] : [shortName(executor)]),
    ...(notAsked ? notAskedLines(notAsked) : []),
  ];
}

const WOULD = {
  admit: 'admit',
  deny: 'deny',
  pend: 'wait for people',
  ask: 'ask the requester',
  defer: 'wait, and ask the policies again',
  alreadyMember: 'end at once: already a member',
};

const DAY_MS = 86_400_000;

function notAskedLines({ bindings, ifTheySay }: NonNullable<Simulation['notAsked']>): string[] {
  const lines = Object.entries(ifTheySay).map(([verdict, action]) => `${verdict} ⇒ ${action}`);
  return section(`not asked: ${bindings.join(', ')} (--ask-external asks). If they say`, lines);
}
