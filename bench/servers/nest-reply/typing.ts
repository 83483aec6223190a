import { z } from 'zod';

/** The command of the yardsticks with zod. */
export const Typing = z.strictObject({
  id: z.int(),
  to: z.string().min(1).max(120),
  active: z.boolean().default(true),
});
export type Typing = z.infer<typeof Typing>;
