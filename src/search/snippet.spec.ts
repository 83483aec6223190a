import { describe, expect, it } from 'vitest';
import { snippetOf } from './snippet.js';

const marked = (text: string, query: string): string[] => {
  const snippet = snippetOf(text, query);
  return snippet.marks.map(([start, end]) => snippet.text.slice(start, end));
};

describe(snippetOf.name, () => {
  it.each([
    ['Hello World', 'world', ['World']],
    ['Crème brûlée', 'creme', ['Crème']],
    ['我的手机坏了，手机', '手机', ['手机', '手机']],
    ['🎉🎉 great 𝒳', 'great', ['great']],
    ['a <b>bold</b> text', 'bold', ['bold']],
    ['nothing here', 'absent', []],
  ])('marks in %j what %j finds', (text, query, marks) => expect(marked(text, query)).toEqual(marks));

  it('is plain text: markup is not touched', () =>
    expect(snippetOf('<img onerror=x> find', 'find').text).toBe('<img onerror=x> find'));

  it('shows the surroundings of the first thing found in a long text', () => {
    const text = `${'x '.repeat(500)}needle${' y'.repeat(500)}`;
    const { text: shown } = snippetOf(text, 'needle');
    expect(shown.length).toBeLessThan(170);
    expect(shown).toMatch(/^….*needle.*…$/);
    expect(marked(text, 'needle')).toEqual(['needle']);
  });
});
