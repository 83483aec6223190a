import { z } from 'zod';

export const UploadQuery = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('What the file is called; instead of the name in a form'),
});
export type UploadQuery = z.infer<typeof UploadQuery>;
