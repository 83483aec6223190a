import type { SearchSnippet } from '@rookery/protocol';
import { folded, needlesOf } from './terms.js';

/** Characters shown at most, and before the first thing found. */
const LENGTH = 160;
const BEFORE = 40;

/** The part of a text where a query is found, as plain text with the places of what was found. */
export function snippetOf(text: string, query: string): SearchSnippet {
  const characters = [...text];
  const plain = characters.map((character) => folded(character).slice(0, character.length) || ' ');
  const needles = needlesOf(query).map((needle) => [...needle]);
  const places = needles.flatMap((needle) => placesOf(plain, needle));
  const first = Math.min(characters.length, ...places.map(([start]) => start));
  const from = places.length === 0 || characters.length <= LENGTH ? 0 : Math.max(0, first - BEFORE);
  const shown = characters.slice(from, from + LENGTH);
  return {
    text: `${from > 0 ? '…' : ''}${shown.join('')}${from + LENGTH < characters.length ? '…' : ''}`,
    marks: marksIn(shown, places, from),
  };
}

/** Where a needle stands, in characters. */
function placesOf(plain: readonly string[], needle: readonly string[]): [number, number][] {
  const places: [number, number][] = [];
  for (let start = 0; start + needle.length <= plain.length && places.length < LENGTH; start++)
    if (needle.every((character, offset) => plain[start + offset] === character))
      places.push([start, start + needle.length]);
  return places;
}

/** In UTF-16 units of the shown text, which is what clients cut by; one after another, none within another. */
function marksIn(shown: readonly string[], places: [number, number][], from: number): [number, number][] {
  const offsets = [from > 0 ? 1 : 0];
  for (const character of shown) offsets.push((offsets.at(-1) ?? 0) + character.length);
  const marks: [number, number][] = [];
  for (const [start, end] of places.sort(([a], [b]) => a - b)) {
    const left = offsets[start - from];
    const right = offsets[end - from];
    if (left !== undefined && right !== undefined && left >= (marks.at(-1)?.[1] ?? 0))
      marks.push([left, right]);
  }
  return marks;
}
