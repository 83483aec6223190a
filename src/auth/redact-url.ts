const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  'token',
  'access_token',
  'id_token',
  'refresh_token',
  'jwt',
]);

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    // Not an encoding; URLSearchParams takes what can be decoded of it, so look for that much.
    return name.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  }
}

/** Hides the value of every parameter that may hold a token, however its name is written, for the logs. */
export function redactUrl(url: string): string {
  return url
    .split(/([?&;#])/)
    .map((part) => {
      const [name = '', value] = [part.split('=', 1)[0], part.includes('=') ? true : undefined];
      return value && SECRET_PARAMETERS.has(decoded(name).trim().toLowerCase()) ? `${name}=[redacted]` : part;
    })
    .join('');
}
