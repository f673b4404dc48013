/**
 * A page of to-dos, as TodoMVC has them: what is typed is on every other page at once.
 *
 * @module
 */

import { connectSync } from "../../../../src/sync/client/mod.ts";

const query = new URL(location.href).searchParams;
const client = connectSync(query.get("hub"), { storage: localStorage });
const todos = client.collection("Todo");
const [title, all, list, clear, status] = ["new", "all", "list", "clear", "status"]
  .map((id) => document.getElementById(id));

for (const name of ["upsert", "delete", "reset"]) todos.on(name, render);
client.on("state", render);
client.on("refused", ({ error }) => title.placeholder = error.message);

title.addEventListener("keydown", ({ key }) => {
  if (key !== "Enter" || title.value.trim() === "") return;
  todos.upsert({ text: title.value.trim(), done: false });
  title.value = "";
});
all.addEventListener("click", () => {
  const done = todos.records.some((todo) => !todo.done);
  for (const { id } of todos.records) todos.upsert({ id, done }, { patch: true });
});
clear.addEventListener("click", () => {
  for (const { id, done } of todos.records) if (done) todos.delete(id);
});

function render() {
  status.textContent = `${client.state}, ${client.pending} wait`;
  list.replaceChildren(...todos.records.map(({ id, text, done }) => {
    const item = document.createElement("li");
    const toggle = Object.assign(document.createElement("input"), {
      type: "checkbox",
      checked: done,
    });
    toggle.addEventListener("click", () => todos.upsert({ id, done: !done }, { patch: true }));
    const edit = Object.assign(document.createElement("input"), { value: text, className: "edit" });
    edit.addEventListener("change", () => todos.upsert({ id, text: edit.value }, { patch: true }));
    item.append(toggle, edit);
    item.dataset.text = `${text}${done ? " (done)" : ""}`;
    return item;
  }));
}

render();
Object.assign(globalThis, { back: () => client.connect() });
