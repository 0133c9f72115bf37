// Reads the parts of a Markdown document that tests compare with the program: sections, tables, code spans, and the
// notation of objects that docs/api.md uses.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./server.mjs";

export const readDocument = (name) => readFileSync(path.join(root, name), "utf8");

/** The text below a heading, up to the next heading of its level or above. */
export function section(text, heading) {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  assert.ok(start >= 0, `no heading "${heading}"`);
  const level = lines[start].indexOf(" ");
  let inCode = false;
  const length = lines.slice(start + 1).findIndex((line) => {
    if (line.startsWith("```")) inCode = !inCode;
    return !inCode && new RegExp(`^#{1,${level}} `).test(line);
  });
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join("\n");
}

/** Splits a row into its cells. Escaped pipes (`\|`) do not separate cells. */
const cellsOf = (line) =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

/** Each table of the text as `{ header, rows }`, with the Markdown of each cell. */
export function tables(text) {
  const found = [];
  const lines = text.split("\n");
  for (let i = 0; i + 1 < lines.length; ++i) {
    if (!lines[i].startsWith("|") || !/^\|[-:| ]+\|$/.test(lines[i + 1])) continue;
    const table = { header: cellsOf(lines[i]), rows: [] };
    for (i += 2; i < lines.length && lines[i].startsWith("|"); ++i) table.rows.push(cellsOf(lines[i]));
    found.push(table);
  }
  return found;
}

/** The rows of the table whose first column has that title; there must be exactly one. */
export function tableOf(text, title) {
  const found = tables(text).filter(({ header }) => header[0] === title);
  assert.equal(found.length, 1, `${found.length} tables with the first column "${title}"`);
  return found[0].rows;
}

/** The texts of the code spans of a cell. */
export const codes = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code);

/**
 * The objects that a text in the notation of docs/api.md describes, each as a map from a field's name to
 * `{ optional, fields }`. `fields` is the map of the object, or of the objects in the array, that the field holds,
 * otherwise null. A field named LABEL stands for any name.
 */
export function shapes(notation) {
  const text = notation.replaceAll(/\/\/.*/g, "");
  let at = 0;
  const space = () => (at += /^\s*/.exec(text.slice(at))[0].length);
  const expect = (mark) => {
    space();
    assert.equal(text[at], mark, `"${mark}" expected at: ${text.slice(at, at + 40)}`);
    ++at;
  };

  /** Skips a value and returns the fields of the object in it, if there is one. */
  function value() {
    let fields = null;
    for (let depth = 0; at < text.length; ) {
      if (text[at] === "{") {
        fields = object();
        continue;
      }
      if (depth === 0 && /[,}]/.test(text[at])) return fields;
      if (text[at] === "[") ++depth;
      if (text[at] === "]") --depth;
      ++at;
    }
    return fields;
  }

  function object() {
    const fields = new Map();
    expect("{");
    for (space(); text[at] !== "}"; space()) {
      const [, name, optional] = /^(\w+)(\??)/.exec(text.slice(at)) ?? assert.fail(`no field: ${text.slice(at, at + 40)}`);
      at += name.length + optional.length;
      space();
      let below = null;
      if (text[at] === ":") {
        ++at;
        below = value();
      }
      assert.ok(!fields.has(name), `${name} occurs twice`);
      fields.set(name, { optional: optional === "?", fields: below });
      space();
      if (text[at] === ",") ++at;
    }
    expect("}");
    return fields;
  }

  const found = [];
  for (space(); text[at] === "{"; space()) found.push(object());
  return found;
}

/** The objects described by the first code block of a section, which must not name a language. */
export function shapesOf(text) {
  const [, block] = /```\n([^`]*)```/.exec(text) ?? assert.fail("no code block");
  return shapes(block);
}

/** The differences between an object and its description, as texts. Adds the paths of described fields to `seen`. */
export function differences(fields, actual, seen = new Set(), at = "") {
  const found = [];
  for (const [name, { optional }] of fields) {
    if (name !== "LABEL" && !optional && !Object.hasOwn(actual, name)) found.push(`${at}${name} is documented, but missing`);
  }
  for (const [name, value] of Object.entries(actual)) {
    const field = fields.get(name) ?? fields.get("LABEL");
    if (!field) {
      found.push(`${at}${name} is not documented`);
      continue;
    }
    seen.add(at + name);
    const below = [value].flat().filter((part) => part !== null && typeof part === "object" && !Array.isArray(part));
    for (const part of field.fields ? below : []) found.push(...differences(field.fields, part, seen, `${at}${name}.`));
  }
  return found;
}

/** The paths of the fields of a description that are not in `seen`. */
export function unseen(fields, seen, at = "") {
  return [...fields].flatMap(([name, { fields: below }]) => {
    if (name === "LABEL") return [];
    return seen.has(at + name) ? unseen(below ?? new Map(), seen, `${at}${name}.`) : [at + name];
  });
}
