export * from './action-events.js';
export {
  EDIT_ENTRY,
  PIN_ENTRY,
  REACTION_ENTRY,
  RECALL_ENTRY,
  type ActionOptions,
  type ActionResult,
} from './action-types.js';
export * from './edit.service.js';
export * from './forward.service.js';
export * from './hide.service.js';
export * from './pin.service.js';
export * from './reaction.service.js';
export * from './recall.service.js';
