// Opens the page with the token of the fragment: in a body, which servers do not log.

import { tokenOfFragment } from "./over.js";

const token = tokenOfFragment();
if (token) {
  const form = document.getElementById("enter");
  form.elements.token.value = token;
  // The fragment goes along, since the page that comes needs the token, too, and no server tells it.
  form.action = form.getAttribute("action") + location.hash;
  form.submit();
} else {
  document.getElementById("none").hidden = false;
}
