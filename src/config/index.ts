export {
  AppConfig,
  DIALECTS,
  type DatabaseConfig,
  type DialectName,
  type DialectPath,
  type JwtKeySource,
  type SessionPolicy,
} from './app-config.js';
export type { AttachmentsLocation, S3Location } from './attachments-url.js';
export { describeVariables } from './describe-variables.js';
export { isAddressOrCidr } from './env-parsers.js';
export { ConfigError, type ConfigProblem } from './config-error.js';
export { ConfigModule } from './config.module.js';
export { loadOptions, type RookeryOptions } from './rookery-options.js';
export { loadConfig, loadEnvironment } from './load-config.js';
