import { describe, expect, it } from 'vitest';
import * as rookery from './index.js';

describe('the public door', () => {
  it.each(['RookeryHttpAdapter', 'RookeryWsAdapter', 'AppModule', 'CloseCode', 'ErrorCode', 'createApp'])(
    'has %s, which the manual tells of',
    (name) => expect(rookery).toHaveProperty(name),
  );
});
