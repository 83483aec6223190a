import { Context, Liquid, toValueSync, type Emitter, type Template } from 'liquidjs';
import { AppError, invalidField } from '../../common/index.js';

/** What making one notification from a template may cost, in all its languages together. */
export const RENDER_LIMITS = {
  /** Milliseconds. */
  time: 100,
  /** Characters and objects made on the way. */
  memory: 200_000,
  /** Characters of the result. */
  output: 65_536,
  /** Characters of one template. */
  template: 16_384,
  /** Nesting of the JSON around the templates. */
  depth: 16,
} as const;

/** Files are read by these. */
const REMOVED_TAGS = ['include', 'render', 'layout', 'block'];
/**
 * Of these one call may take minutes, in which no limit is looked at: patterns that take too long on what is made for
 * them, an expression for each item of a list, lists that hold themselves many times over.
 */
const REMOVED_FILTERS = [
  'strip_html',
  'where_exp',
  'reject_exp',
  'find_exp',
  'find_index_exp',
  'has_exp',
  'group_by_exp',
  'push',
  'unshift',
];

const engine = new Liquid({
  strictFilters: true,
  strictVariables: true,
  lenientIf: true,
  ownPropertyOnly: true,
  templates: {},
  relativeReference: false,
  dynamicPartials: false,
  timezoneOffset: 0,
  parseLimit: RENDER_LIMITS.template,
  renderLimit: RENDER_LIMITS.time,
  memoryLimit: RENDER_LIMITS.memory,
});
for (const tag of REMOVED_TAGS) delete engine.tags[tag];
for (const filter of REMOVED_FILTERS) delete engine.filters[filter];

/** What may still be used. One for all texts of a notification. */
export class RenderBudget {
  private readonly end = performance.now() + RENDER_LIMITS.time;
  private left: number = RENDER_LIMITS.output;

  /** Milliseconds. */
  get time(): number {
    return Math.max(0, this.end - performance.now());
  }

  /** Throws when there is less than that left. */
  take(characters: number): void {
    this.left -= characters;
    if (this.left < 0) throw new RangeError('Too long');
  }
}

class BoundedEmitter implements Emitter {
  buffer = '';

  constructor(private readonly budget: RenderBudget) {}

  write(value: unknown): void {
    const text = value === null || value === undefined ? '' : String(value);
    this.budget.take(text.length);
    this.buffer += text;
  }
}

/** Fills every string of a JSON value. AppError `invalid`, field `template`, where data is missing or it takes too much. */
export function renderJson(
  value: unknown,
  data: Readonly<Record<string, unknown>>,
  budget: RenderBudget,
): unknown {
  return mapStrings(value, (text) => render(text, data, budget));
}

/** AppError `invalid`, field `content`, where a string is no template. */
export function checkTemplates(value: unknown): void {
  mapStrings(value, (text) => {
    try {
      return engine.parse(text) && text;
    } catch (error) {
      throw invalidField('content', `Not a template: ${reasonOf(error)}`);
    }
  });
}

function render(text: string, data: object, budget: RenderBudget): string {
  if (!text.includes('{')) {
    budget.take(text.length);
    return text;
  }
  try {
    const templates: Template[] = engine.parse(text);
    const limits = { sync: true, renderLimit: budget.time, memoryLimit: RENDER_LIMITS.memory };
    const context = new Context(data, engine.options, limits);
    const emitter = new BoundedEmitter(budget);
    toValueSync(engine.renderer.renderTemplates(templates, context, emitter));
    return emitter.buffer;
  } catch (error) {
    throw error instanceof AppError
      ? error
      : invalidField('template', `Could not be filled: ${reasonOf(error)}`);
  }
}

/** What went wrong, without quoting the template or its data. */
function reasonOf(error: unknown): string {
  const { name, message = '', token } = error as Error & { token?: { getPosition?: () => [number, number] } };
  if (name === 'RangeError' || /limit exceeded|Invalid string length/.test(message))
    return 'it takes too much';
  const where = token?.getPosition?.();
  const what = name === 'UndefinedVariableError' ? 'a variable has no value' : 'it is wrong';
  return where ? `${what} at line ${where[0]}, column ${where[1]}` : what;
}

/** The same JSON with other strings; names of properties stay as they are. */
function mapStrings(value: unknown, change: (text: string) => string, depth = 0): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === RENDER_LIMITS.depth)
    throw invalidField('content', `Nested deeper than ${RENDER_LIMITS.depth}`);
  if (Array.isArray(value)) return value.map((each) => mapStrings(each, change, depth + 1));
  const entries = Object.entries(value).map(([key, each]) => [key, mapStrings(each, change, depth + 1)]);
  return Object.fromEntries(entries);
}
