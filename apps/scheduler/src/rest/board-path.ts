/** Where the queue board is. It is loaded only where it is wanted, so its place is told apart from it. */
export const BOARD_PATH = '/queues';
