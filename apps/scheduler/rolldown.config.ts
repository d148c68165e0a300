import { app } from '../../rolldown.shared.ts';

export default app();
