import { describe, expect, it } from 'vitest';
import { RENDER_LIMITS, RenderBudget, checkTemplates, renderJson } from './liquid.js';

const render = (value: unknown, data: Record<string, unknown> = {}) =>
  renderJson(value, data, new RenderBudget());
const refusal = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
};

/** 8,192 items. */
const LONG_LIST = `{% assign text = 'x,' %}${'{% assign text = text | append: text %}'.repeat(13)}{% assign list = text | split: ',' %}`;

describe('a template', () => {
  it('fills every string of its content, and nothing else', () => {
    const content = { title: 'Order {{ id }}', lines: ['{{ who | upcase }}', 7, null, true], '{{ id }}': '' };
    expect(render(content, { id: 42, who: 'amy' })).toEqual({
      title: 'Order 42',
      lines: ['AMY', 7, null, true],
      '{{ id }}': '',
    });
  });

  it('has conditions and loops, and knows what is not there where it asks', () => {
    const text = '{% if vip %}Dear {% endif %}{% for n in list %}{{ n }};{% endfor %}{{ x | default: "-" }}';
    expect(render(text, { list: [1, 2, 3] })).toBe('1;2;3;-');
  });

  it('does not leave the machine any secret: no prototypes, no files', () => {
    for (const text of ['{{ x.constructor }}', '{{ x.__proto__ }}', '{{ constructor }}'])
      expect(refusal(() => render(text, { x: {} }))).toMatchObject({ code: 'invalid' });
    for (const text of [
      "{% include '/etc/passwd' %}",
      "{% render '/etc/passwd' %}",
      "{% layout '/etc/passwd' %}",
      '{% block a %}{% endblock %}',
    ])
      expect(refusal(() => checkTemplates(text))).toMatchObject({ code: 'invalid' });
  });

  it.each([
    ['a variable without a value', '{{ nobody }}', 'template'],
    ['a filter that does not exist', '{{ "a" | eval }}', 'template'],
  ])('with %s is refused, and quotes nothing', (_, text, field) => {
    const error = refusal(() => render({ deep: [text] })) as {
      details: { field: string; message: string }[];
    };
    expect(error).toMatchObject({ code: 'invalid', details: [{ field }] });
    expect(error.details[0]!.message).not.toMatch(/nobody|eval/);
  });

  it.each(['{{ a', '{% if %}', '{% for %}x', '{% nothing %}', '{% if a %}'])(
    'that is none (%s) is refused before it is stored',
    (text) => {
      expect(refusal(() => checkTemplates([text]))).toMatchObject({
        code: 'invalid',
        details: [{ field: 'content' }],
      });
    },
  );

  it.each([
    [
      'endless loops',
      '{% for i in (1..300) %}{% for j in (1..300) %}{% for k in (1..300) %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['a huge range', '{% for i in (1..1000000000) %}x{% endfor %}'],
    ['a long output', `{% for i in (1..1000) %}${'x'.repeat(1000)}{% endfor %}`],
    ['texts that double', `{% assign a = 'xxxxxxxx' %}${'{% assign a = a | append: a %}'.repeat(40)}{{ a }}`],
    [
      'captures that double',
      `${'{% capture a %}{{ a }}{{ a }}x{% endcapture %}'.repeat(200)}{{ a }}`.replace(
        '{% capture',
        "{% assign a = 'x' %}{% capture",
      ),
    ],
    [
      'captures that double for a filter',
      `{% assign a = 'xx' %}${'{% capture a %}{{ a }}{{ a }}{% endcapture %}'.repeat(40)}{{ a | upcase | size }}`,
    ],
    [
      'replacements that grow',
      `{% assign a = 'aaaaaaaaaa' %}${"{% assign a = a | replace: 'a', 'aaaaaaaaaa' %}".repeat(20)}{{ a }}`,
    ],
    ['a wide date', "{{ 'now' | date: '%999999999Y' }}"],
    ['a long template', `{{ 'x' }}${' '.repeat(RENDER_LIMITS.template)}`],
    [
      'lists that grow',
      `{% assign a = 'x,x' | split: ',' %}${'{% assign a = a | concat: a %}'.repeat(40)}{{ a | size }}`,
    ],
    ...['where_exp', 'reject_exp', 'find_exp', 'find_index_exp', 'has_exp', 'group_by_exp'].map((filter) => [
      `an expression for each item that looks at all of them, in ${filter}`,
      `${LONG_LIST}{{ list | ${filter}: 'item', 'list contains "z"' | json | size }}`,
    ]),
    ...['push', 'unshift'].map((filter) => [
      `lists that hold themselves, made with ${filter}`,
      `{% assign a = 'x' | split: ',' %}${`{% assign a = a | ${filter}: a | ${filter}: a %}`.repeat(24)}{{ a }}`,
    ]),
  ])('bounds time, memory and output: %s', (_, text) => {
    const start = performance.now();
    expect(refusal(() => render(text))).toMatchObject({ code: 'invalid', details: [{ field: 'template' }] });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('bounds all texts of a notification together', () => {
    const texts = Array.from({ length: 20 }, () => 'x'.repeat(RENDER_LIMITS.output / 16));
    expect(render(texts.slice(0, 16))).toHaveLength(16);
    expect(refusal(() => render(texts))).toBeInstanceOf(Error);
  });

  it('is not nested without end', () => {
    let deep: unknown = 'x';
    for (let n = 0; n <= RENDER_LIMITS.depth; n++) deep = [deep];
    expect(refusal(() => checkTemplates(deep))).toMatchObject({ code: 'invalid' });
  });
});
