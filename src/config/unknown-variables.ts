import type { ConfigProblem } from './config-error.js';
import { ENV, type Variable } from './env.schema.js';

/** Names under these prefixes are ours: one we do not know is a typing error, not somebody else's variable. */
const OWN_PREFIXES = /^(WS|JWT|DATABASE|PUSH)_/;

/** Kubernetes sets such names for a service that is called, say, `database`. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/;
const SERVICE_LINK_VALUE = /^(tcp|udp|sctp):\/\//;

export const knownNames = (): string[] =>
  Object.entries(ENV as Record<string, Variable>).flatMap(([name, { fileVariant }]) =>
    fileVariant ? [name, `${name}_FILE`] : [name],
  );

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Who forgets the last words of a name means the whole: `WS_PNG` is nearer to `WS_PING_INTERVAL` than to `WS_PATH`. */
function farFrom(name: string, known: string): number {
  const words = known.split('_');
  const beginnings = words.slice(2).map((_, index) => words.slice(0, index + 2).join('_'));
  return Math.min(distance(name, known), ...beginnings.map((beginning) => distance(name, beginning) + 1));
}

function nearest(name: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((known) => ({ known, far: farFrom(name, known) }))
    .sort((a, b) => a.far - b.far || a.known.localeCompare(b.known));
  return best && best.far <= Math.max(3, name.length / 3) ? best.known : undefined;
}

export function unknownVariables(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ConfigProblem[] {
  const known = knownNames();
  return names
    .filter((name) => OWN_PREFIXES.test(name) && !known.includes(name))
    .filter((name) => !SERVICE_LINK.test(name) && !SERVICE_LINK_VALUE.test(environment[name] ?? ''))
    .map((variable) => {
      const guess = nearest(variable, known);
      return {
        variable,
        reason: `is not a setting of this version${guess ? `; did you mean ${guess}?` : ''}`,
      };
    });
}
