export { apiVersionOf, type Kind } from './kind.ts';
