import type { ChildView } from '../../domain/onboarding/children.ts';

/** What requests that steps made let this onboarding know. */
export interface News {
  /** A request ended, and this is its result. */
  ended(step: string, view: ChildView): void;
  /** This run hears how the request ends, from the server itself. */
  expects(childId: string): void;
  /** Somebody says that a request has changed. */
  hinted(childId: string, state: string): void;
  isEmpty(): boolean;
  takeEnded(): readonly { readonly step: string; readonly view: ChildView }[];
  takeHints(): readonly string[];
}

export function createNews(): News {
  const ends: { step: string; view: ChildView }[] = [];
  const hints = new Set<string>();
  const expected = new Set<string>();
  return {
    ended: (step, view) => void ends.push({ step, view }),
    expects: (childId) => void expected.add(childId),
    hinted(childId, state) {
      // Its end is heard in any case.
      if (state !== 'closed' || !expected.has(childId)) hints.add(childId);
    },
    isEmpty: () => ends.length === 0 && hints.size === 0,
    takeEnded: () => ends.splice(0),
    takeHints() {
      const taken = [...hints];
      hints.clear();
      return taken;
    },
  };
}
