export { requestId } from '../workflow-id.ts';
