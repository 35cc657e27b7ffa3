// The files of a draft: checked before they leave, uploaded at once, shown with their progress.

import { el, fill, icon, iconButton, named } from "../dom.js";
import { fileSize, plainName } from "../format.js";
import { fileProblem, fileType } from "./limits.js";

/** Adds files to a draft. Each becomes `{name, size, type, state, progress, attachment, problem, preview}`. */
export function addFiles(draft, files, { api, capabilities, changed, removed }) {
  for (const file of files) {
    const good = draft.files.filter((one) => one.state !== "refused").length;
    const item = { name: file.name || "file", size: file.size, type: fileType(file), state: "uploading", progress: 0, problem: null };
    item.problem = fileProblem(file, capabilities, good, fileSize);
    draft.files.push(item);
    if (item.problem) item.state = "refused";
    else start(item, file, { api, changed, removed });
  }
  changed();
}

function start(item, file, { api, changed }) {
  if (item.type.startsWith("image/")) item.preview = URL.createObjectURL(file);
  item.state = "uploading";
  item.problem = null;
  item.progress = 0;
  const { done, abort } = api.upload(file, (part) => {
    item.progress = part;
    changed(item);
  });
  item.abort = abort;
  item.again = () => start(item, file, { api, changed });
  done.then((attachment) => {
    item.attachment = attachment;
    item.state = "ready";
  }, (error) => {
    item.problem = error.message;
    item.state = "failed";
  }).finally(() => changed());
}

/** Takes a file out of a draft, and frees its picture; one that was sent is still shown. */
export function removeFile(draft, item) {
  item.abort?.();
  draft.files = draft.files.filter((one) => one !== item);
  free(item);
}

const free = (item) => item.preview && URL.revokeObjectURL(item.preview);

/** Shows the files of a draft; `together`: how many the channel takes in one message. */
export function renderTray(tray, draft, { remove, again, together }) {
  tray.hidden = draft.files.length === 0;
  fill(tray, draft.files.map((item) => {
    item.bar = item.state === "uploading" ? el("progress", { max: "1", value: item.progress, "aria-label": `Uploading ${plainName(item.name)}` }) : null;
    return el("li", { class: `tray-item ${item.state}` },
      item.preview ? el("img", { src: item.preview, alt: "" }) : icon(item.problem ? "alert" : "file"),
      el("span", { class: "tray-text" }, named(plainName(item.name), "file-name"), item.bar ?? el("span", { class: "faint" }, item.problem ?? fileSize(item.size))),
      item.state === "failed" && el("button", { type: "button", class: "link-button", click: () => again(item) }, "Try again"),
      iconButton("close", `Remove ${plainName(item.name)}`, () => remove(item), "small"));
  }), draft.files.length > (together ?? Infinity) && el("li", { class: "faint" }, together > 1 ? `Goes as messages of ${together} files each.` : "Each file goes as a message of its own."));
}

/** Moves the bar of one file without drawing all anew, which would take the focus from its buttons. */
export function moveBar(item) {
  if (item.bar) item.bar.value = item.progress;
}
