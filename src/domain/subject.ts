import type { ActorCommandName } from './commands.ts';
import { activePanel, type Extension, type RequestView } from './view.ts';

/**
 * What a command is about, as the view shows it. Its digest stands in the assertion, so that a command that was held back
 * counts for nothing that has come to stand there since: another version, a longer term, another question or incident.
 */
export function subjectOf(name: ActorCommandName, payload: object, view: RequestView): unknown {
  const { request, incident, composition, inputs } = view;
  const asking = 'binding' in payload ? payload.binding : undefined;
  switch (name) {
    case 'review':
      return underReview(view);
    case 'reassign':
      return { review: underReview(view), stage: openStageOf(asking, view) };
    case 'override':
      return { request, composition };
    case 'submitInput':
      return { request, input: inputs.find(({ binding }) => binding === asking) };
    case 'retry':
    case 'abandon':
      return { request, incident: incident && { at: incident.at, during: incident.during } };
    case 'withdraw':
    case 'amend':
    case 'extend':
    case 'revoke':
      return request;
  }
}

/** What reviews are about now: the request, or, while the membership lasts, the longer term that is asked for. */
function underReview({ request, state, extension }: RequestView): unknown {
  return state === 'active' && extension ? extensionSubject(request, extension) : request;
}

/** A longer term, and nothing else: one for another time, by somebody else or asked for again needs reviews of its own. */
export function extensionSubject(
  request: RequestView['request'],
  { by, at, ms, reason }: Pick<Extension, 'by' | 'at' | 'ms' | 'reason'>,
): unknown {
  return { request, extension: { by, at, ms, reason } };
}

function openStageOf(binding: unknown, view: RequestView): unknown {
  const found = activePanel(view)?.requirements.find(({ requirement }) => requirement.binding === binding);
  const stage = found?.stages.find(({ status }) => status === 'open');
  return stage && { name: stage.name, startedAt: stage.startedAt, approvers: stage.approvers };
}
