/**
 * Text as the index sees it: plain ASCII words that no database takes apart, shortens, or takes for its own syntax. A
 * word of a script with spaces is one term; of a script without, each character is one and each pair of neighbours.
 * Every term has at least three characters and at most 84: what InnoDB indexes by default.
 */

/** Scripts written without spaces, or searched by parts of a word, and pictures. */
const SINGLE =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\p{Extended_Pictographic}]';

const PIECES = new RegExp(`(${SINGLE}+)|(?:(?!${SINGLE})[\\p{L}\\p{N}])+`, 'gu');

/** Letters and digits of a word that are told apart. */
const MAX_WORD = 80;

/** Of one text; what comes after is not found. */
const MAX_TERMS = 4000;

/** Small letters, without accents and without differences of width. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/(?![\u3099\u309a])\p{Mn}/gu, '')
    .normalize('NFC')
    .toLowerCase();
}

/** What a text is found by. */
export function termsOf(text: string): string[] {
  const terms = new Set<string>();
  for (const { word, run } of pieces(folded(text))) {
    if (terms.size >= MAX_TERMS) break;
    if (word !== undefined) terms.add(wordTerm(word));
    else for (const term of [...run.map(single), ...pairs(run)]) terms.add(term);
  }
  return [...terms];
}

/** One thing that a text must have: a word that begins so, or a run of characters. */
export interface Wanted {
  term: string;
  /** Whether longer terms that begin with it count as well. */
  prefix: boolean;
}

/** What a text must have to be found by a query; empty: there is nothing to look for in it. */
export function wantedBy(query: string): Wanted[] {
  return pieces(folded(query)).flatMap(({ word, run }): Wanted[] => {
    if (word !== undefined) return [{ term: wordTerm(word), prefix: [...word].length > 1 }];
    const terms = run.length === 1 ? run.map(single) : pairs(run);
    return terms.map((term) => ({ term, prefix: false }));
  });
}

/** Whether a text really has what a query asks for: runs of characters in one piece, words from their beginning. */
export function matcherOf(query: string): (text: string) => boolean {
  const wanted = pieces(folded(query));
  return (text) => {
    const plain = folded(text);
    const words = pieces(plain).flatMap(({ word }) => word ?? []);
    return wanted.every(({ word, run }) =>
      word === undefined ? plain.includes(run.join('')) : words.some((other) => other.startsWith(word)),
    );
  };
}

/** The words and runs of a query as they are looked for in a text to be shown. */
export const needlesOf = (query: string): string[] =>
  pieces(folded(query)).map(({ word, run }) => word ?? run.join(''));

type Piece = { word: string; run?: never } | { word?: never; run: string[] };

function pieces(text: string): Piece[] {
  return [...text.matchAll(PIECES)].map(([all, run]) =>
    run === undefined ? { word: all } : { run: [...run] },
  );
}

const codeOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);
const single = (character: string): string => `uu${codeOf(character)}`;
const pairs = (run: readonly string[]): string[] =>
  run.slice(1).map((character, index) => `bb${codeOf(run[index] ?? '')}x${codeOf(character)}`);

/** Begins like no word that databases leave out (`www` is one). Letter by letter, so that the beginning of a word gives the beginning of its term. */
function wordTerm(word: string): string {
  let term = 'wq';
  for (const character of word) {
    const part = /[a-y0-9]/.test(character) ? character : `z${codeOf(character)}z`;
    if (term.length + part.length > MAX_WORD) break;
    term += part;
  }
  return term;
}
