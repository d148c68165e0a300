// Loaded only by threads that make spans. By name: all of the package would bring what only the main thread is to run.
export { forwardSpans } from '@kasmcloud/observe';
