/** One variable that is wrong; the reason never holds the value of a secret. */
export interface ConfigProblem {
  variable: string;
  reason: string;
}

/** Thrown once with everything that is wrong in the environment, so that one start shows the whole list. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(['The configuration is wrong:', ...problems.map((p) => `  ${p.variable}: ${p.reason}`)].join('\n'));
  }
}
