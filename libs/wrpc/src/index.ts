export type { FuncType, PrimitiveKind, WitCase, WitField, WitType } from './wit-type.ts';
