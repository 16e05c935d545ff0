// A list of the API as a table: filters that stand in the address, pages, and rows that follow
// what happens without taking the focus away.

import { get, query as withQuery } from "./api.js";
import { errorBox, busy } from "./dialog.js";
import { field, h, newID, replace, select } from "./dom.js";
import * as live from "./live.js";

const pageSize = 50;

// `columns`: [{ name, cell(item), isWide, isNumber }]; the first cell of a row heads it.
// `filters`: [{ name, label, options }] or [{ name, label, isSearch }].
// `empty(hasFilters)`: what to say, and to do, when there is nothing.
export async function listOf({
  path, caption, columns, filters = [], kinds, empty, query, signal, before,
}) {
  const values = Object.fromEntries(filters.map(({ name }) => [name, query.get(name) ?? ""]));
  const error = errorBox();
  // The roles are those that these elements have; on a phone style sheets would take them away.
  const body = h("tbody", { role: "rowgroup" });
  const table = h("table", { role: "table", class: "list" },
    h("caption", { class: "hidden-text" }, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map((column) => h("th", {
      role: "columnheader", scope: "col", class: classOf(column),
    }, column.name)))), body);
  const nothing = h("div", { class: "empty" });
  const more = h("button", { type: "button", hidden: true }, "Load more");
  const count = h("p", { class: "hidden-text", role: "status" });
  let items = [];
  let next = null;
  let turn = 0;

  const address = (cursor, limit = pageSize) => withQuery(path, { ...values, limit, cursor });

  const show = () => {
    reconcile(body, items, columns);
    table.hidden = items.length === 0;
    nothing.hidden = items.length > 0;
    more.hidden = !next;
    if (items.length === 0) {
      replace(nothing, empty(Object.values(values).some(Boolean)));
    }
  };

  // As many as are shown, so that a list that was unfolded stays so.
  const load = async () => {
    const own = ++turn;
    const limit = Math.min(500, Math.max(pageSize, Math.ceil(items.length / pageSize) * pageSize));
    const page = await get(address(null, limit), { signal });
    await before?.(page.items);
    if (own !== turn || signal.aborted) return;
    // Behind the API's largest page stands what was loaded before.
    const known = new Set(page.items.map((item) => item.id));
    const rest = page.items.length === 500 ? items.slice(500).filter((item) => !known.has(item.id))
      : [];
    if (rest.length === 0) next = page.next_cursor;
    items = page.items.concat(rest);
    error.say("");
    show();
  };

  const reload = async () => {
    try {
      await load();
    } catch (problem) {
      if (!signal.aborted) error.say(problem.message);
    }
  };

  more.addEventListener("click", () => busy(more, "Loading…", async () => {
    try {
      const page = await get(address(next), { signal });
      await before?.(page.items);
      const known = new Set(items.map((item) => item.id));
      const added = page.items.filter((item) => !known.has(item.id));
      const focused = items.length;
      items = items.concat(added);
      next = page.next_cursor;
      show();
      body.rows[focused]?.querySelector("a, button")?.focus();
    } catch (problem) {
      if (!signal.aborted) error.say(problem.message);
    }
  }));

  const changed = live.soon(async () => {
    items = [];
    const set = Object.entries(values).filter(([, value]) => value);
    const search = new URLSearchParams(set).toString();
    history.replaceState({}, "", location.pathname + (search ? `?${search}` : ""));
    await reload();
    count.textContent = items.length === 0 ? "Nothing found"
      : `${items.length}${next ? " or more" : ""} found`;
  }, signal, 200);

  const controls = filters.map((filter) => {
    const set = (event) => {
      values[filter.name] = event.target.value;
      changed();
    };
    const input = filter.isSearch
      ? h("input", { type: "search", id: newID("search"), value: values[filter.name],
        oninput: set, maxlength: "200", autocomplete: "off" })
      : select(filter.options, values[filter.name], { id: newID("filter"), onchange: set });
    return field(filter.label, input);
  });

  const first = load();
  // What happens from here on is heard, and loaded once this has been.
  if (kinds) live.on(kinds, live.soon(() => first.then(reload, () => {}), signal), signal);
  await first;
  const content = [
    controls.length > 0 && h("div", { class: "filters", role: "search" }, controls),
    error, count, table, nothing, more,
  ];
  return { content, reload };
}

const classOf = (column) =>
  [column.isWide && "wide", column.isNumber && "number", column.isShort && "short"]
    .filter(Boolean).join(" ") || null;

// Makes the rows those of `items`; a row whose item is as before stays the element that it is.
function reconcile(body, items, columns) {
  const old = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const focusedRow = document.activeElement?.closest?.("tr[data-key]");
  const focusedIndex = focusedRow && body.contains(focusedRow)
    ? focusables(focusedRow).indexOf(document.activeElement) : -1;
  const focusedKey = focusedRow?.dataset.key;
  items.forEach((item, index) => {
    const text = JSON.stringify(item);
    let row = old.get(item.id);
    old.delete(item.id);
    if (!row || row.dataset.item !== text) {
      const made = h("tr", { role: "row", "data-key": item.id, "data-item": text }, columns.map(
        (column, place) => (place === 0
          ? h("th", { role: "rowheader", scope: "row", class: classOf(column) }, column.cell(item))
          : h("td", { role: "cell", class: classOf(column), "data-name": column.name },
            column.cell(item)))));
      row?.replaceWith(made);
      row = made;
    }
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  for (const row of old.values()) row.remove();
  if (focusedIndex < 0 || document.activeElement !== document.body) return;
  const again = [...body.rows].find((row) => row.dataset.key === focusedKey);
  if (again) focusables(again)[focusedIndex]?.focus();
}

const focusables = (row) => [...row.querySelectorAll("a, button")];
