// Asks the browser for a passkey when a form says so, and sends its answer with that form.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const ids = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const make = async (asked) => {
    const publicKey = {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: ids(asked.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    return answer(made, { attestationObject: text(made.response.attestationObject) });
  };

  const sign = async (asked) => {
    const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: ids(asked.allowCredentials) };
    const given = await navigator.credentials.get({ publicKey });
    const { authenticatorData, signature, userHandle } = given.response;
    return answer(given, {
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    });
  };

  const answer = (credential, more) => JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...more },
  });

  const question = async (form) => {
    const token = form.elements.csrf ? form.elements.csrf.value : "";
    const got = await fetch(form.dataset.question, { method: "POST", headers: { "X-CSRF-Token": token } });
    if (got.redirected) {
      location.href = got.url;
      return null;
    }
    if (!got.ok) throw new Error(String(got.status));
    return got.json();
  };

  const submitted = async (form) => {
    const said = form.querySelector("[data-said]");
    const button = form.querySelector("button");
    if (!window.PublicKeyCredential) {
      said.textContent = form.dataset.unable;
      return;
    }
    said.textContent = "";
    button.disabled = true;
    try {
      const asked = await question(form);
      if (!asked) return;
      form.elements.answer.value = await (form.dataset.passkey === "make" ? make(asked) : sign(asked));
      form.submit();
    } catch (error) {
      said.textContent = error instanceof DOMException ? form.dataset.cancelled : form.dataset.failed;
    }
    button.disabled = false;
  };

  // Also those that came into the page since.
  document.addEventListener("submit", (event) => {
    if (!event.target.dataset.passkey) return;
    event.preventDefault();
    submitted(event.target);
  });
})();
