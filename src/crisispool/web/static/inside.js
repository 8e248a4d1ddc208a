// A page opened inside Telegram: what Telegram signed goes to our own server, and to nobody else.
"use strict";
const signed = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
// In a frame the page that follows may not be shown: there the link stays, which opens a window of its own.
if (signed && window.top === window.self) {
  const form = document.forms[0];
  form.elements.init_data.value = signed;
  history.replaceState(null, "", location.pathname);
  form.submit();
}
