import type { Admission } from '../activities/admit.ts';
import type { Conclusion } from '../domain/conclusion.ts';

/** An admission that has been concluded. */
export type Concluded = Admission & { readonly conclusion: Conclusion };
