// What is typed into a correction outlives a reload and a session's end, in this tab alone.
const name = (id) => `desk-draft-${id}`;

export function keepDraft(id, form) {
  const values = {};
  for (const field of form.elements) {
    if (field.name && field.type !== "hidden") values[field.name] = field.value;
  }
  sessionStorage.setItem(name(id), JSON.stringify(values));
}

export function draftOf(id) {
  return JSON.parse(sessionStorage.getItem(name(id)) ?? "null");
}

export const forgetDraft = (id) => sessionStorage.removeItem(name(id));
