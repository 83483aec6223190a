/** Elements by id; the page has them all from the start. */
export const $ = (id) => document.getElementById(id);

/** Makes an element. Text goes in as text, never as markup. */
export function el(tag, properties = {}, ...children) {
  const { dataset, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Makes the children of `parent` those of `items`, keeping elements whose key and signature have not changed. */
export function reconcile(parent, items, make) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let position = parent.firstElementChild;
  for (const item of items) {
    const old = known.get(item.key);
    const fresh = old?.dataset.signature === item.signature ? old : make(item);
    Object.assign(fresh.dataset, { key: item.key, signature: item.signature });
    if (old && old !== fresh) {
      if (old === position) position = fresh;
      old.replaceWith(fresh);
    }
    known.delete(item.key);
    if (fresh === position) position = position.nextElementSibling;
    else parent.insertBefore(fresh, position);
  }
  for (const gone of known.values()) gone.remove();
}

/** A form that is sent within the page; `failed(error)` hears what went wrong. */
export function onSubmit(form, act, failed) {
  form.onsubmit = (event) => {
    event.preventDefault();
    void act().catch(failed);
  };
}

/** Takes what is in a field while `act(text)` runs, and gives it back if that fails and nothing else was typed. */
export async function taking(input, act) {
  const { value } = input;
  input.value = '';
  try {
    return await act(value.normalize('NFC').trim());
  } catch (error) {
    input.value ||= value;
    throw error;
  }
}

const HUES = 8;

/** A circle with the first letter, coloured by the name. */
export function paintAvatar(element, name, sign) {
  const hash = Array.from(name).reduce((sum, char) => (sum * 31 + char.codePointAt(0)) >>> 0, 7);
  element.className = `avatar hue-${hash % HUES}`;
  element.textContent = sign ?? Array.from(name)[0]?.toUpperCase() ?? '?';
  return element;
}
