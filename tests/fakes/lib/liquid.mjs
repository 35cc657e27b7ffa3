// Liquid 5.4, as far as a message's text needs it: how a template is cut into tokens, `raw`, and variables
// with the filters below. What it does not have is an error of its own, lest a test believes an invention.

/** What Liquid refuses: its callers leave the text as it was. */
export class LiquidError extends Error {}

// A tag that stands before a variable's end makes no tag: the pieces are found from the left.
const TOKENS = /(\{%[^]*?%\}|\{\{[^]*?\}\}?|\{%|\{\{)/;
const TAG = /^\{%-?\s*(\w+)\s*([^]*?)-?%\}$/;
const VARIABLE = /^\{\{-?([^]*?)-?\}\}$/;
// It takes no minus.
const ENDS_RAW = /^([^]*)\{%\s*(\w+)\s*([^]*)?%\}$/;
const FRAGMENT = /"[^"]*"|'[^']*'|(?:[^\s,|'"]|"[^"]*"|'[^']*')+/;
const FILTERS = {
  upcase: (text) => text.toUpperCase(),
  downcase: (text) => text.toLowerCase(),
  capitalize: (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase(),
  strip: (text) => text.trim(),
  url_decode: (text) => decodeURIComponent(text.replaceAll("+", " ")),
};
const KNOWN_TAGS = /^(assign|break|capture|case|comment|continue|cycle|decrement|echo|for|if|ifchanged|include|increment|liquid|render|tablerow|unless)$/;

function valueOf(name, drops) {
  if (/^(["'])[^]*\1$/.test(name)) return name.slice(1, -1);
  if (/^-?\d+(\.\d+)?$/.test(name)) return name;
  if (!/^\w[\w.-]*$/.test(name)) throw new Error(`the fake's Liquid has no ${name}`);
  const found = name.split(".").reduce((at, key) => (at !== null && typeof at === "object" ? at[key] : undefined), drops);
  return found === null || found === undefined || typeof found === "object" ? "" : String(found);
}

function variable(markup, drops) {
  const name = FRAGMENT.exec(markup);
  if (!name) return "";
  const filters = markup.slice(name.index + name[0].length).split("|").slice(1).map((part) => part.trim());
  return filters.reduce((text, filter) => {
    if (!Object.hasOwn(FILTERS, filter)) throw new Error(`the fake's Liquid has no filter ${filter}`);
    return FILTERS[filter](text);
  }, valueOf(name[0], drops));
}

/** The text of everything up to the end of `raw`, taken off the tokens. */
function rawText(tokens) {
  let text = "";
  while (tokens.length > 0) {
    const token = tokens.shift();
    const end = ENDS_RAW.exec(token);
    if (end?.[2] === "endraw") return text + end[1];
    text += token;
  }
  throw new LiquidError("'raw' tag was never closed");
}

/** Renders a template with objects of values by name. */
export function render(template, drops) {
  const tokens = template.split(TOKENS).filter((token) => token !== "");
  let text = "";
  let trims = false;
  const add = (part) => {
    text += trims ? part.trimStart() : part;
    trims = false;
  };
  while (tokens.length > 0) {
    const token = tokens.shift();
    const isTag = token.startsWith("{%");
    if (!isTag && !token.startsWith("{{")) {
      add(token);
      continue;
    }
    const found = (isTag ? TAG : VARIABLE).exec(token);
    if (!found) throw new LiquidError(`${isTag ? "Tag" : "Variable"} '${token}' was not properly terminated`);
    if (token[2] === "-") text = text.trimEnd();
    if (!isTag) add(variable(found[1], drops));
    else if (found[1] === "raw") {
      if (found[2].trim() !== "") throw new LiquidError("Syntax Error in 'raw'");
      add(rawText(tokens));
    }
    else if (KNOWN_TAGS.test(found[1])) throw new Error(`the fake's Liquid has no tag ${found[1]}`);
    else throw new LiquidError(`Unknown tag '${found[1]}'`);
    trims = token.at(-3) === "-";
  }
  return text;
}
