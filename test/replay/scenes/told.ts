import { until } from '../../crash/stage.ts';
import type { Stage } from '../../crash/stage.ts';
import { CREATE, FORBIDDEN } from '../scene.ts';
import type { Scene } from '../scene.ts';

/** The outboxes of the events that people were told of so far. */
async function outboxes({ client, id }: Stage): Promise<string[]> {
  const { events } = await client.workflow.getHandle(id).fetchHistory();
  return (events ?? []).flatMap((event) => {
    const { workflowId } = event.startChildWorkflowExecutionInitiatedEventAttributes ?? {};
    return workflowId ? [workflowId] : [];
  });
}

/** People are asked, reminded, and more people are asked. */
async function escalated(stage: Stage): Promise<void> {
  stage.ask({ channel: 'board', reason: 'ladder', term: '2s' });
  await until('they are told three times', async () => {
    return (await stage.described()) !== undefined && (await outboxes(stage)).length === 3;
  });
}

/** Requests of which people are told, and how one event is told. */
export const telling: Record<string, Scene> = {
  'telling-of-a-whole-life': {
    tells: true,
    async play(stage) {
      await escalated(stage);
      await stage.fault(CREATE, FORBIDDEN);
      await stage.give('review', 'mona', { decision: 'requestChanges', comment: 'Say why.' });
      await stage.approve('mona');
      await stage.approve('ada');
      await stage.reaches('incident');
      await stage.give('retry', 'ada', { reason: 'The right is back.' });
      await stage.end();
    },
  },
  'telling-one-event': {
    tells: true,
    async play(stage) {
      await escalated(stage);
      const [id = ''] = await outboxes(stage);
      await stage.client.workflow.getHandle(id).result();
      return { id };
    },
  },
};
