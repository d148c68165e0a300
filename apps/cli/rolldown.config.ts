import { app } from '../../rolldown.shared.ts';

/** Our libraries do nothing when they are loaded, so a command loads only those parts that it uses. */
const isOurs = /[\\/]libs[\\/][^\\/]+[\\/]src[\\/]/;

export default { ...app(), treeshake: { moduleSideEffects: (id: string): boolean => !isOurs.test(id) } };
