import { ENV, type Variable } from './env.schema.js';

/** Every setting with its unit and default, for people at a terminal: one paragraph each. */
export function describeVariables(): string {
  return Object.entries<Variable>(ENV)
    .map(([name, variable]) => `  ${headOf(name, variable)}\n      ${variable.description}`)
    .join('\n');
}

function headOf(name: string, { unit, default: preset, fileVariant }: Variable): string {
  const head = preset ? `${name}=${preset}` : name;
  const remarks = [...(unit ? [unit] : []), ...(fileVariant ? [`or ${name}_FILE`] : [])];
  return remarks.length > 0 ? `${head}  (${remarks.join('; ')})` : head;
}
