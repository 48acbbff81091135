/** The wire: bytes to typed calls and typed answers to bytes, in every protocol that AWS clients speak. */
export { decode } from './decode.ts';
export { encode } from './encode.ts';
export { WireFault } from './fault.ts';
export { encodeFault } from './fault-envelope.ts';
export { type Identified, identify, needsBody, protocolOf, UnidentifiedFault } from './identify.ts';
export { inflate } from './inflate.ts';
export { mask } from './mask.ts';
export { loadService, type OperationModel } from './model.ts';
export type { Member, Shape } from './shape.ts';
export type * from './types.ts';
