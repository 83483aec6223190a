import type { Connection } from '../../hub/index.js';
import type { ActionOptions } from './action-types.js';

/** What a command's connection says about it. */
export function optionsOf({ principal, id, device }: Connection): ActionOptions {
  return { principal, origin: id, device };
}
