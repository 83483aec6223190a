import { describe, expect, it } from 'vitest';
import { describeVariables } from './describe-variables.js';
import { ENV } from './env.schema.js';

describe(describeVariables.name, () => {
  it('names every setting, with default, unit and the file it may be in', () => {
    const text = describeVariables();
    for (const [name, { description }] of Object.entries(ENV)) {
      expect(text).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
      expect(text).toContain(description);
    }
    expect(text).toContain('\n  WS_PING_INTERVAL=30  (seconds)\n      ');
    expect(text).toContain('\n  JWT_SECRET  (bytes, at least 32; or JWT_SECRET_FILE)\n');
  });
});
